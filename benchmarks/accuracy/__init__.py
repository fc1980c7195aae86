"""Accuracy on real tables, beside boosted trees, other networks and linear models, all with their defaults.

python -m benchmarks.accuracy --data FOLDER ... [--models ...] [--tables ...] [--seeds 3] [--max-rows 10000]
                              [--compare A B ... [--name NAME] | --curves | --texts] [--report] [--out FOLDER] [--quick]

FOLDER holds CSV files and an INDEX.json: a list of {"name", "file", "target", "task", "rows"}, a task being binary,
multiclass or regression. Each table is shuffled by the seed, cut to --max-rows and split 75/25, classes in
proportion; every model sees the same rows in the same order. Each model runs in a process of its own (``worker``), and
what happens once a process or once a network (imports, compilation) happens before the clock starts.

Every figure goes into the journal, a file of JSON lines, as soon as it is there: what was interrupted goes on where it
ended. For another version of glassnet give another --journal, and name the old one with --reuse: the other libraries'
figures are taken from there.

Seconds count only on a machine that does nothing else: a record says how many cores others used, the report warns, and
--retry busy measures such records again. Until then, OMP_WAIT_POLICY=passive keeps the threads of other libraries from
waiting with all their might for one that has no core.

--compare is the measuring stick (``pairs``): --compare glassnet "twice the members" --seeds 5 --max-rows 5000 tells a
change from chance, by a pair for each table and split. Twice the members must come out better by more than two
standard errors, about one percent; a stick that does not show this needs more tables or splits.

--texts compares with what texts are usually given to (``texts``): linear models on TF-IDF, skrub before boosted trees,
CatBoost's features of texts. The index names the columns of text ("text"), which these models are told. CatBoost takes
minutes for a table; --models leaves it out.

Half of the tables (``halves``) is there to choose presets by; the other half tells whether the choice holds elsewhere.
"""

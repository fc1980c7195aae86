"""glassnet in TabArena's protocol, beside models of its registry: their splits, bags and metrics, on your tables.

python -m benchmarks.arena --data FOLDER ... [--tables ...] [--models LightGBM CatBoost] [--configs 0] [--repeats 1]
                           [--lite] [--cpus N] [--max-rows 10000] [--out FOLDER]

FOLDER holds CSV files and an INDEX.json, as for ``benchmarks.accuracy``. Each table is split into three folds,
--repeats times (--lite: only the first fold). Each model is fitted to two of them as a bag of eight, every one of which
is validated on another eighth, and judged by the third: ROC AUC of two classes, log-loss of several, RMSE of numbers.
What ran is kept in build/arena, and is not run again. --configs also runs so many random points of each search space.

It needs an environment of its own, ``pip install ".[tabarena]"``: AutoGluon keeps pandas below 3. ``model`` is what
TabArena would be handed.
"""

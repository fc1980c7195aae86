"""What training by rounds costs in accuracy, and what it saves in steps and messages.

    python -m benchmarks.rounds --data FOLDER [--tables covertype_100k,adult,diamonds] [--rows 20000] [--seeds 5]
                                [--sorted-seeds 5] [--epochs 20] [--journal build/rounds.jsonl]

Shards are logical: what comes out is the same to the bit on any number of machines, so one process measures it. Each
setting (a table, how its rows are dealt, shards, local steps, averages or momentum) sees the same number of rows, along
schedules of several lengths. For each its learning rate, and the rate of the momentum, are those with the smallest loss
on one half of the rows held back, with the first seed (a smaller one where another seed fails with it); all that is
reported is measured on the other half, with all seeds. Trainings are kept in a journal: a run that was interrupted goes
on.

Written are results/rounds.json, rounds.md and rounds.png. How long a step and a round take benchmarks/scale_model.py
measures; its file says here from which time of a step on more shards are faster.
"""

"""The server beside one that does nothing: how many requests a second, and how long they wait, on one core.

python -m benchmarks.server --data FOLDER [--model FILE] [--seconds 30]

The folder has adult.csv.gz; without a model one is trained on it. Needs wrk and taskset (Linux). Servers run on the
last core, whoever asks on the first. Writes benchmarks/results/server.json and server.md. Where other work goes on,
Linux gives this the right of way (as root), as it did for the figures that are there:

    setsid -w sh -c 'echo -19 > /proc/self/autogroup; exec python -m benchmarks.server --data FOLDER'
"""

"""``glassnet serve``: a model behind HTTP.

From the outside in: ``process`` runs the server and listens to signals; ``workers`` runs several of these processes;
``connections`` bounds what one client may hold; ``app`` has the addresses and the guard that every request passes
(``access``: hosts and keys; ``limits``; ``metrics``); ``routes`` answers. ``json_rows``, ``arrow`` and ``formats`` read
requests and write answers. ``model`` holds the model and reloads it once its file is replaced; ``batching`` predicts
rows of requests that wait together. ``pages`` is what people see in a browser, ``openapi`` what programs read.
"""

"""Programs: the command line and the servers."""

"""What is run rather than imported: the command line."""

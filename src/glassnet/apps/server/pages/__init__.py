"""What people see in a browser: a form to try a row by hand, and what programs can ask. No script, nothing loaded."""

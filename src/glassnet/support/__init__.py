"""What every room builds on: options and their validation, coercion of arguments, the two languages, files."""

"""The foundation of all packages: options and their validation, coercion of arguments, the two languages, files."""

"""How fast the playground draws and trains."""

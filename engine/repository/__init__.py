"""A folder -> source files: what is read, what is left out and why, and who changed it last."""

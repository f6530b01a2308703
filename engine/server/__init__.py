"""The assistant over loopback HTTP, for the window."""

"""The window: it shows and asks, the engine computes."""

"""What the desktop around the window is asked for: editors, file managers, one window process."""

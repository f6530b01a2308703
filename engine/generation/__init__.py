"""Evidence and adapter -> draft, token by token."""

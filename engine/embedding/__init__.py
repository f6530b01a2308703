"""Text -> vector, in two tiers: a table that answers at once and a transformer that answers better."""

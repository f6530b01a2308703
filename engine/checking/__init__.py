"""Draft, evidence and what the user allows -> a verdict by claim from a hosted model."""

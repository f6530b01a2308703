"""The conversation: what was asked and answered, and where the next question is written."""

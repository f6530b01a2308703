"""What stands beside the conversation."""

"""Windows that ask for something before the conversation goes on."""

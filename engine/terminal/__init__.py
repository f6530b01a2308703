"""Sidetune in a terminal: the chat, and how answers, evidence and progress are shown."""

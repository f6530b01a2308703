"""How questions are put, kind by kind."""

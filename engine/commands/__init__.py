"""The commands of ``sidetune`` that come in groups; ``engine.cli`` has the others."""

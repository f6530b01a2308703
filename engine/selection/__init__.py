"""Candidates -> selection: evidence to read and examples to train on, by information gain."""

"""Measurements: how good are evidence, tuning and answers on a repository."""

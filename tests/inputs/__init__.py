"""Inputs of the kinds that people have, made by the tests: each comes out right, or with one sentence and its code."""

"""Expressions and formulas: values computed from a film's time, size, seed and sound."""

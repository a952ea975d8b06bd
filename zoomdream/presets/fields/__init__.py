"""The values of a preset's keys: how each is written, and what is wrong with it."""

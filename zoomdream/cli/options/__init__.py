"""Options that several commands share, and the values that their text stands for."""

"""The studio: a local page on which films are made without a command.

It calls the same library as the command line, and imports no PyTorch itself: what computes is a process of its own.
"""

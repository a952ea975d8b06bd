"""Every row of the fault table in docs/reliability.md that can be tried by a test, and is by no other.

A fault in the middle of a render comes at a moment that the render's own progress tells.
"""

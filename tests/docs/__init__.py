"""The README and docs/ say what is true: their blocks run, their links lead somewhere, their tables are the program's.

An HTML comment `<!-- not run: REASON -->` on the line above a block leaves it out.
"""

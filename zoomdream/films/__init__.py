"""Films: preparation, the two loops, rendering."""

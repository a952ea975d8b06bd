"""Picture files: read in the size that is needed, and written."""

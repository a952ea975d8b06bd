"""Many films, and many parts of films: in processes on this machine, or on others."""

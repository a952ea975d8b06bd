"""Films that the studio renders: a queue, and a process for each."""

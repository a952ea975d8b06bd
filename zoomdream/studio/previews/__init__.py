"""What is seen before a film is rendered: frames, motion, drafts, made by one process that is warm."""

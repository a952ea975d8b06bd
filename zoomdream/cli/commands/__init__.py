"""The commands: each makes one call to the library of its options, and writes what comes of it."""

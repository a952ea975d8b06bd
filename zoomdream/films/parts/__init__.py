"""Parts of films that depend on no other frames, each rendered by itself: found, kept, rendered."""

"""Motion previews: how a film's camera moves, over a grid, without its network."""

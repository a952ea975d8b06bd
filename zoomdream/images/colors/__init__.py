"""Colors: their names, L*a*b*, and the palette of a frame."""

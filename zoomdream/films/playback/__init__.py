"""In which order a film's frames are seen: loops without a seam, backward, there and back."""

"""Optical flow: where each pixel has gone from one frame to the next, and how far that can be relied on."""

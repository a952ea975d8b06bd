"""Frames: resampling, filters, picture files, color, contact sheets, warnings about pictures."""

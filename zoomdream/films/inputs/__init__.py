"""What a film reads: its source, the sound that its tracks follow, the files of its masks."""

"""What a film's file holds: read from its header and its packets, without decoding more than a few frames."""

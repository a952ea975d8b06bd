"""What a film will take before it is rendered: time, disk, memory."""

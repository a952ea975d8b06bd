"""What a user asks for with commands that make films: checked, carried out, reported."""

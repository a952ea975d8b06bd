"""The four sample pictures, one module each; every one has draw(width, height) -> linear RGB, height x width x 3."""

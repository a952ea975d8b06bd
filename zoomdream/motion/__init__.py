"""How pictures move: the camera, and the motion in a video."""

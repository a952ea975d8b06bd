"""What the settings that may move over time are measured in."""

from __future__ import annotations

from collections.abc import Mapping

UNITS: Mapping[str, tuple[tuple[str, str], ...]] = {
    "dream.octaves": (("", "octaves"),),
    "dream.octave_scale": (("", "times the next smaller"),),
    "dream.steps": (("", "steps"),),
    "dream.step_size": (("", "of a channel's range"),),
    "dream.jitter": (("", "pixels"),),
    "dream.natural_color": (("", "0 neon, 1 natural"),),
    "dream.smoothing": (("", "pixels"),),
    "dream.laplacian": (("", "bands"),),
    "dream.chroma": (("", "0 brightness alone, 1 all"),),
    "dream.headroom": (("", "of a channel's range"),),
    "dream.octave_blur": (("", "pixels"),),
    "dream.octave_blend": (("", "share"),),
    "dream.source_pull": (("", "share"),),
    "focus.calm": (("", "share"),),
    "focus.at": (("across", "of the width"), ("down", "of the height")),
    "focus.radius": (("", "of the shorter side"),),
    "focus.rim": (("", "times more"),),
    "camera.zoom": (("", "times per second"),),
    "camera.rotate": (("", "degrees per second"),),
    "camera.pan": (("right", "frames per second"), ("down", "frames per second")),
    "camera.center": (("across", "of the width"), ("down", "of the height")),
    "camera.yaw": (("", "degrees per second"),),
    "camera.pitch": (("", "degrees per second"),),
    "camera.tilt": (("up", "degrees"), ("right", "degrees")),
    "camera.fov": (("", "degrees"),),
    "camera.flip_theta": (("", "degrees per second"),),
    "camera.flip_phi": (("", "degrees per second"),),
    "camera.flip_gamma": (("", "degrees per second"),),
    "camera.flip_fv": (("", "degrees"),),
    "camera.shake": (("shift", "of the width"), ("turn", "degrees")),
    "camera.shake_frequency": (("", "hertz"),),
    "camera.symmetry": (("", "mirrors"),),
    "color.coherence": (("", "share"),),
    "color.texture": (("", "share"),),
    "carry.strength": (("", "share"),),
    "carry.steps": (("", "steps"),),
    "carry.step_scale": (("", "times the step size"),),
}
"""What each setting that may move is measured in: its components, each with its name and its unit."""

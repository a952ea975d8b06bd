"""Deforum's settings that have no counterpart in a film that a network dreams."""

from __future__ import annotations

import re
from collections.abc import Mapping

from zoomdream.presets.importing.findings import Draft
from zoomdream.presets.importing.schedules import shown

_OFF = (None, False, "", "None", "none", 0, "0")

_DIFFUSION = re.compile(
    r"sampler(_name|_schedule)?|scheduler|steps(_schedule)?|scale|cfg_scale(_schedule)?|sd_model_(name|hash)|ddim_eta"
)
_SWITCHED: Mapping[str, str] = {
    "use_mask": "regions are weights of a mix here: see masks",
    "use_mask_video": "regions are weights of a mix here: see masks",
    "use_noise_mask": "frames are dreamed on without noise",
    "hybrid_composite": "there is no hybrid video: a film is made over a video, or from a picture",
    "hybrid_motion": "there is no hybrid video: a film is made over a video, or from a picture",
    "optical_flow_cadence": "every frame is dreamed",
    "use_looper": "there are no guiding pictures along the film",
    "color_force_grayscale": "there is no such setting",
    "r_upscale_video": "name a larger canvas.size",
    "frame_interpolation_slow_mo_enabled": "name a longer canvas.duration",
}
"""Settings that change the film when they are on."""


def leave_the_rest(draft: Draft, settings: Mapping[str, object]) -> None:
    """Note what has no counterpart: each setting that is on, and all others by their number."""
    left = {key for key in settings if _DIFFUSION.fullmatch(key)}
    if left:
        names = ", ".join(sorted(left)[:6])
        draft.leave(names, "of a diffusion model; here dream.steps, step_size and the network are chosen anew")
    cadence = settings.get("diffusion_cadence", 1)
    if str(cadence) not in ("0", "1"):
        draft.leave(shown("diffusion_cadence", cadence), "every frame is dreamed, none is in between")
    noise = settings.get("noise_schedule")
    if noise not in _OFF:
        draft.leave(shown("noise_schedule", noise), "frames are dreamed on without noise")
    for key, why in _SWITCHED.items():
        if settings.get(key) not in _OFF:
            draft.leave(shown(key, settings[key]), why)
    nets = [key for key in settings if re.fullmatch(r"cn_\d+_enabled", key) and settings[key] is True]
    if nets:
        draft.leave(", ".join(nets), "there is no ControlNet")
    behavior = settings.get("seed_behavior")
    if behavior not in (*_OFF, "fixed", "iter"):
        draft.leave(
            shown("seed_behavior", behavior), "each frame has numbers of its own by chance, from the film's seed"
        )
    known = {finding.theirs.split(" ")[0].rstrip(",") for finding in draft.findings} | left | {"noise_schedule"}
    rest = [key for key in settings if key not in known]
    if rest:
        draft.leave(f"{len(rest)} other settings", "they are off, at rest, or about diffusion, its interface and files")

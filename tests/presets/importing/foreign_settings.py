"""Settings of public projects: where each file stands, and values as they are written there, of the keys that count."""

from __future__ import annotations

from typing import Any

from tests.schedule.deforum_corpus import STUDIO, WEBUI

_AT_REST = {
    "angle": "0: (0)",
    "translation_x": "0: (0)",
    "translation_y": "0: (0)",
    "rotation_3d_x": "0: (0)",
    "rotation_3d_y": "0: (0)",
    "rotation_3d_z": "0: (0)",
    "enable_perspective_flip": False,
    "perspective_flip_fv": "0: (53)",
    "use_init": False,
    "aspect_ratio_schedule": "0: (1)",
    "aspect_ratio_use_old_formula": False,
    "padding_mode": "border",
    "add_soundtrack": "None",
    "seed": -1,
}
_PUMP = "(0.11 * cos((120/ 240 * 3.141 * (t + 0) / 24))**1 + 0)*(1 * cos((120 / 1920 * 3.141 * (t + 0) / 12 ))**1 + 1)"
_FLIP = "0: ((0.2 * cos((120 / 600* 3.141 * (t + 0) / 12))**1 + 0))"

FILES: dict[str, dict[str, Any]] = {
    f"{WEBUI} scripts/default_settings.txt": {
        **_AT_REST,
        **{"W": 512, "H": 512, "fps": 15, "max_frames": 120, "animation_mode": "3D", "border": "replicate"},
        "prompts": {"0": " tiny cute swamp bunny, highly detailed", "60": " a beautiful coconut --neg photo"},
        "zoom": "0: (1.0025+0.002*sin(1.25*3.14*t/30))",
        "translation_z": "0: (1.75)",
        "fov_schedule": "0: (70)",
        "strength_schedule": "0: (0.65)",
        "color_coherence": "LAB",
        "diffusion_cadence": 2,
        "noise_schedule": "0: (0.065)",
        "use_depth_warping": True,
    },
    f"{WEBUI} tests/testdata/simple.input_settings.txt": {
        **_AT_REST,
        **{"W": 512, "H": 512, "fps": 20, "max_frames": 5, "animation_mode": "2D", "border": "replicate", "seed": 1},
        "zoom": "0:(1.0025+0.002*sin(1.25*3.14*t/30))",
        "translation_z": "0:(0)",
        "strength_schedule": "0: (0.65)",
        "color_coherence": "LAB",
    },
    f"{STUDIO} presets/Classic-3D-Motion.txt": {
        **_AT_REST,
        **{"W": 1024, "H": 576, "fps": 12, "max_frames": 181, "animation_mode": "3D", "border": "wrap"},
        "prompts": {"0": ""},
        "zoom": "0: (1)",
        "translation_x": "0:(0), 12:((-0.5+(1.5)*(cos(3.141*(t+80)/110)**3))+((2.5)*(cos(3.141*(t)/35)**11)+0)"
        "+((4)*(cos(3.141*(t+15)/110)**220)+0)+((12)*(cos(3.141*(t+5)/110)**220)+0))",
        "translation_y": "0:(0), 22:((2)*(cos(3.141*(t)/35)**1)+((-5)*(cos(3.141*(t+18)/115)**220)+0))",
        "translation_z": "0:(-0.5), 22:((-0.2+(-3)*(cos(3.141*(t)/35)**4))+((18)*(cos(3.141*(t+8)/110)**180)+0))",
        "rotation_3d_x": "0:(0), 22:(((2)*(cos(3.141*(t)/35)**1)+((-4.5)*(cos(3.141*(t+18)/115)**220)+0))*(-0.2))",
        "rotation_3d_z": "0:(0), 27:(0.3), 42:(-0.04), 58:(-0.12), 70:(-0.45), 95:(-0.11), 100:(0), 110:(0.8), "
        "120:(-0.03), 124:(0.3), 142:(0.12), 160:(0.18), 170:(0.37), 184:(-0.09)",
        "fov_schedule": "0: (45)",
        "strength_schedule": "0: (0.62), 12: (0.55), 22: (0.55), 42: (0.55), 50: (0.62), 58: (0.55), 181: (0.62)",
        "use_depth_warping": True,
    },
    f"{STUDIO} presets/Dolly-Zoom-Out.txt": {
        **_AT_REST,
        **{"width": 1024, "height": 576, "fps": 12, "max_frames": 181, "animation_mode": "3D", "border": "replicate"},
        "prompts": {"0": ""},
        "zoom": "0: (0)",
        "translation_z": "0: (-8), 160: (-8), 161: (8), 179:(0)",
        "fov_schedule": "0: (70)",
        "strength_schedule": "0: (0.42)",
        "use_depth_warping": False,
        "hybrid_motion": "Optical Flow",
    },
    f"{STUDIO} presets/Evolve-Zoom-Slow.txt": {
        **_AT_REST,
        **{"width": 1024, "height": 576, "fps": 12, "max_frames": 181, "animation_mode": "3D", "border": "replicate"},
        "prompts": {"0": ""},
        "translation_x": "0: (-0.03)",
        "translation_y": "0:  (-0.1)",
        "translation_z": "0: (1.8)",
        "enable_perspective_flip": True,
        "perspective_flip_phi": _FLIP,
        "perspective_flip_gamma": _FLIP,
        "perspective_flip_fv": "0: ((106 * cos((120 / 480* 3.141 * (t + 0) / 12))**1 + 0))",
        "strength_schedule": "0: (0.44)",
        "fov_schedule": "0: (70)",
    },
    "e-dream-ai/gpu-container-deforum test-settings.txt": {
        **_AT_REST,
        **{"width": 768, "height": 768, "fps": 12, "max_frames": 16, "animation_mode": "3D", "border": "replicate"},
        "zoom": "0: (0)",
        "translation_z": f"0: ({_PUMP})",
        "rotation_3d_x": f"0: 0: ({_PUMP})",
        "rotation_3d_y": "0: ((0.11 * cos((120 / 240* 3.141 * (t + 0) / 24))**1 + 0)"
        "*(1 * cos((120 / 3840 * 3.141 * (t + 120) / 12 ))**1 + 1))",
        "fov_schedule": "0: (70)",
        "strength_schedule": "0: (0.6)",
        "use_depth_warping": False,
    },
    "sascha1337/inputdeforum src/example.json": {  # the notebook of 2022, without frame rate and fov_schedule
        **{"width": 925, "height": 512, "max_frames": 980, "animation_mode": "3D", "border": "warp", "seed": -1},
        "prompts": [],
        "animation_prompts": {"0": "4 frames grid. isometric view.", "40": "3D space moving. black background."},
        "sampler": "euler",
        "use_init": False,
        "zoom": "0:(1.2)",
        "translation_z": "0:(0.5)",
        "rotation_3d_z": "0:(0.5)",
        "strength_schedule": "0:(0.65)",
        "strength": 0,
        "color_coherence": "Match Frame 0 LAB",
        "near_plane": 200,
        "far_plane": 10000,
        "fov": 115,
        "padding_mode": "border",
        "diffusion_cadence": "1",
    },
    "deforum-art/deforum-stable-diffusion outputs/2023-01/StableFun/20230101125957_settings.txt": {
        **{"W": 768, "H": 768, "seed": 2634866518, "sampler": "dpmpp_2s_a", "steps": 80, "scale": 7},
        "prompts": ["a beautiful lake by Asher Brown Durand, trending on Artstation"],
        "use_init": False,
        "strength": 0.1,
        "init_image": None,
    },
    f"{WEBUI} tests/testdata/parseq.json": {
        "meta": {"generated_by": "sd_parseq", "version": "0.1.94"},
        "options": {"input_fps": 20, "bpm": 140, "output_fps": 60, "cadence": 2},
        "managedFields": ["seed", "angle"],
        "rendered_frames": [
            {
                "frame": frame,
                "seed": 55 + frame / 10,
                "angle": angle,
                "angle_delta": delta,
                "deforum_prompt": "Parseq prompt! --neg neg parseq prompt!",
            }
            for frame, (angle, delta) in enumerate(
                [(0, 0), (30.11087728614862, 30.11087728614862), (44.7534852915723, 14.642608005423675)]
            )
        ],
    },
}
"""Each file, and a part of its settings."""

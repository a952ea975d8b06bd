"""Imported cameras move as Deforum's: every pixel of a frame comes from where it comes from there."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tests.presets.importing.deforum_twins import Array, place_in_depth, place_in_plane
from tests.presets.importing.foreign_settings import FILES
from tests.support.deforum_reference import deforum_values
from zoomdream.motion.projection import motion, square
from zoomdream.presets.importing.writing import imported_text
from zoomdream.presets.loading import load_preset_text
from zoomdream.presets.preset import Preset

PLANE = {"W": 512, "H": 288, "fps": 12, "max_frames": 40, "animation_mode": "2D", "prompts": {}}
DEPTH = {**PLANE, "animation_mode": "3D", "aspect_ratio_schedule": "0:(1)", "fov_schedule": "0:(70)"}
MOTIONS = (
    *("zoom", "angle", "translation_x", "translation_y", "translation_z"),
    *("rotation_3d_x", "rotation_3d_y", "rotation_3d_z"),
)


def imported(settings: dict[str, Any], folder: Path) -> Preset:
    """The preset that is made of these settings."""
    file = folder / "settings.txt"
    file.write_text(json.dumps(settings), encoding="utf-8")
    return load_preset_text(imported_text(file)[0])


def camera_places(preset: Preset, frame: int, points: Array) -> Array:
    """Where pixels of a frame come from in the one before."""
    clock, size = preset.clock(), preset.model.canvas.size
    assert size is not None
    matrix = square(motion(preset.timeline(clock)[frame - 1].camera, float(1 / clock.fps), size))
    places = matrix @ np.column_stack([points, np.ones(len(points))]).T
    return np.asarray((places[:2] / places[2]).T)


def grid(size: tuple[int, int]) -> Array:
    """Pixels all over a frame, with its corners."""
    xs, ys = (np.linspace(0, side - 1, 5) for side in size)
    return np.array([(x, y) for x in xs for y in ys])


def motions(settings: dict[str, Any], frame: int) -> dict[str, float]:
    """Deforum's values at a frame."""
    frames = settings["max_frames"]
    return {name: float(deforum_values(settings[name], frames, 0)[frame]) for name in MOTIONS if name in settings}


@pytest.mark.parametrize(
    "moves",
    [
        {"zoom": "0:(1.02)"},
        {"zoom": "0:(1.0025+0.002*sin(1.25*3.14*t/30)), 20:(1.05), 30:(0.97)"},
        {"angle": "0:(1), 39:(-2.5)"},
        {"translation_x": "0:(5)", "translation_y": "0:(-3*cos(t/9))"},
        {"zoom": "0:(1.04)", "angle": "0:(t%4-1)", "translation_x": "0:(7)", "translation_y": "0:(2), 39:(-9)"},
        {"zoom": "0:(1.1)", "angle": "0:(3)", "transform_center_x": "0:(0.25)", "transform_center_y": "0:(0), 39:(1)"},
    ],
)
def test_in_the_plane_to_the_last_digits(moves: dict[str, str], tmp_path: Path) -> None:
    """The fixed point is counted between pixels' centers, so that 0.5 is the middle; Deforum's is half a pixel off."""
    settings = {"zoom": "0:(1)", "angle": "0:(0)", **PLANE, **moves}
    preset, points = imported(settings, tmp_path), grid((512, 288))
    for frame in (1, 2, 19, 20, 21, 31, 39):
        share = [deforum_values(moves.get(f"transform_center_{axis}", "0:(0.5)"), 40, 0)[frame] for axis in "xy"]
        center = (float(share[0]) * 511, float(share[1]) * 287)
        expected = place_in_plane(motions(settings, frame), center, points)
        assert np.abs(camera_places(preset, frame, points) - expected).max() < 1e-9, frame
        there = place_in_plane(motions(settings, frame), (float(share[0]) * 512, float(share[1]) * 288), points)
        drift = np.abs(1 - 1 / motions(settings, frame)["zoom"]) + np.radians(abs(motions(settings, frame)["angle"]))
        assert np.abs(expected - there).max() <= 1.5 * drift + 1e-9


@pytest.mark.parametrize("aspect", [{}, {"aspect_ratio_use_old_formula": True, "W": 288}, {"fov_schedule": "0:(40)"}])
@pytest.mark.parametrize(
    "moves",
    [
        {"translation_z": "0:(10), 39:(-10)"},
        {"translation_x": "0:(4)", "translation_y": "0:(-6*sin(t/5))"},
        {"translation_z": "0:(6)", "translation_x": "0:(4)", "translation_y": "0:(3)"},
    ],
)
def test_in_depth_travels_are_exact(moves: dict[str, str], aspect: dict[str, Any], tmp_path: Path) -> None:
    settings = {**DEPTH, **moves, **aspect}
    size, fov = (settings["W"], settings["H"]), 40 if "fov_schedule" in aspect else 70
    preset, points = imported(settings, tmp_path), grid(size)
    for frame in (1, 20, 39):
        expected = place_in_depth(motions(settings, frame), fov, 1.0, size, points)
        assert np.abs(camera_places(preset, frame, points) - expected).max() < 1e-9, frame


@pytest.mark.parametrize(("axis", "square_frame"), [("y", False), ("x", True), ("z", True)])
def test_in_depth_turns_agree_to_first_order(axis: str, square_frame: bool, tmp_path: Path) -> None:
    """Twice the angle, four times the difference; at a third of a degree a frame it is a fiftieth of the movement."""
    height = 512 if square_frame else 288
    size, points = (512, height), grid((512, height))
    differences = []
    for angle in (0.3, 0.6):
        settings = {**DEPTH, "H": height, f"rotation_3d_{axis}": f"0:({angle})"}
        expected = place_in_depth(motions(settings, 5), 70, 1.0, size, points)
        places = camera_places(imported(settings, tmp_path), 5, points)
        movement = np.abs(expected - points).max()
        differences.append(np.abs(places - expected).max())
        assert differences[-1] < 0.06 * angle * movement
    assert differences[0] < 0.06
    assert differences[1] == pytest.approx(4 * differences[0], rel=0.1)


def test_in_depth_the_middle_of_a_wide_frame_moves_as_there(tmp_path: Path) -> None:
    settings = {**DEPTH, "rotation_3d_x": "0:(0.4)", "rotation_3d_y": "0:(-0.3)"}
    middle = np.array([[255.5, 143.5]])
    expected = place_in_depth(motions(settings, 3), 70, 1.0, (512, 288), middle)
    assert np.abs(expected - middle).min() > 1
    assert camera_places(imported(settings, tmp_path), 3, middle) == pytest.approx(expected, abs=0.02)


def test_an_early_aspect_ratio_slows_movements_to_the_side(tmp_path: Path) -> None:
    settings = {key: value for key, value in DEPTH.items() if "aspect" not in key}
    settings |= {"translation_x": "0:(8)", "translation_y": "0:(8)"}
    points = grid((512, 288))
    expected = place_in_depth(motions(settings, 3), 70, 512 / 288, (512, 288), points)
    assert np.abs(camera_places(imported(settings, tmp_path), 3, points) - expected).max() < 1e-9


@pytest.mark.parametrize("name", [name for name, settings in FILES.items() if "zoom" in settings])
def test_files_of_public_projects_move_as_there(name: str, tmp_path: Path) -> None:
    """At each frame the rate a second is that of Deforum's value at the next frame, the one that it leads to."""
    settings = FILES[name]
    frames, fps = settings["max_frames"], settings.get("fps", 15)
    timeline = imported(settings, tmp_path).timeline(imported(settings, tmp_path).clock())
    cameras = [timeline[frame].camera for frame in range(frames - 1)]
    if settings["animation_mode"] == "2D":
        values = deforum_values(settings["zoom"], frames, 0)[1:]
        assert [camera.zoom ** (1 / fps) for camera in cameras] == pytest.approx(list(values), rel=1e-9)
        return
    lens = np.tan(np.radians(float(deforum_values(_fov(settings), frames, 0)[0]) / 2))
    away = deforum_values(settings["translation_z"], frames, 0)[1:]
    mean = lens * (1 if "aspect_ratio_schedule" in settings else np.sqrt(settings["width"] / settings["height"]))
    magnified = 1 / (1 - away / (200 - away) / mean)
    inside = (magnified**fps > 0.01) & (magnified**fps < 100)
    assert inside.mean() > 0.8
    zooms = np.array([camera.zoom ** (1 / fps) for camera in cameras])
    assert zooms[inside] == pytest.approx(magnified[inside], rel=1e-9)
    roll = deforum_values(settings["rotation_3d_z"], frames, 0)[1:] / mean
    assert np.array([camera.rotate / fps for camera in cameras]) == pytest.approx(roll, rel=1e-9, abs=1e-12)


def _fov(settings: dict[str, Any]) -> str:
    return str(settings.get("fov_schedule", f"0:({settings.get('fov')})"))

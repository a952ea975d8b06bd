"""Settings for another canvas: per second alike, and the coarse octaves where they were."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pytest

from tests.support.schedules import CLOCK, FIRE8, track
from zoomdream.schedule.adaptation import Adaptation
from zoomdream.schedule.timeline import Timeline


def adapted(adaptation: Adaptation | None, **sections: Mapping[str, object]) -> Timeline:
    return Timeline(CLOCK, FIRE8, sections, adaptation=adaptation)


@pytest.mark.parametrize("rate", [0.5, 1.25, 2.5])
def test_in_a_second_the_camera_carries_as_much(rate: float) -> None:
    row = adapted(Adaptation(rate=rate), dream={"step_size": 0.01, "octave_blur": 2}, color={"coherence": 0.2})[3]
    assert row.dream.step_size == pytest.approx(0.01 * rate)
    assert row.dream.octave_blur**2 == pytest.approx(4 * rate)  # variances add up
    assert 1 - row.color.coherence == pytest.approx(0.8**rate)
    assert (row.dream.octaves, row.dream.octave_scale, row.carry.strength) == (3, 1.4, 0.95)


@pytest.mark.parametrize("strength", [0.0, 0.5, 0.95, 0.9999, 1.0])
@pytest.mark.parametrize("coherence", [0.0, 0.1, 1.0])
@pytest.mark.parametrize("fps", [12, 24, 60])
def test_over_a_video_a_dream_grows_to_the_same(strength: float, coherence: float, fps: int) -> None:
    """A plain loop over the frames of three seconds, as the film has them: a shot's first frame has its own step."""

    def grown(rate: int, adaptation: Adaptation | None) -> tuple[float, float]:
        row = adapted(adaptation, carry={"strength": strength}, color={"coherence": coherence})[3]
        dream = shift = 0.0
        for _ in range(3 * rate):
            dream = row.carry.strength * dream + row.carry.step_scale
            shift = (1 - row.color.coherence) * (row.carry.strength * shift + row.carry.step_scale)
        return dream, shift

    written, now = grown(30, None), grown(fps, Adaptation(rate=30 / fps, is_carried=True))
    assert now == pytest.approx(written, rel=0.002, abs=1e-9)


def test_a_shot_begins_with_the_step_that_is_written() -> None:
    row = adapted(Adaptation(rate=2, is_carried=True), dream={"step_size": 0.01, "octave_blur": 1})[0]
    assert (row.dream.step_size, row.dream.octave_blur) == (0.01, 1)


@pytest.mark.parametrize("scale", [0.3, 0.5, 0.8, 1.2, 2, 3, 9])
@pytest.mark.parametrize(("octaves", "octave_scale"), [(1, 1.4), (3, 1.4), (4, 1.8), (6, 1.2)])
def test_the_coarsest_octave_keeps_its_pixels(scale: float, octaves: int, octave_scale: float) -> None:
    written = {"octaves": octaves, "octave_scale": octave_scale, "jitter": 16, "smoothing": 2}
    dream = adapted(Adaptation(scale=scale), dream=written)[0].dream
    before, coarsest = octave_scale ** (1 - octaves), scale * dream.octave_scale ** (1 - dream.octaves)
    if dream.octaves > 1:
        assert coarsest == pytest.approx(before)
        assert abs(np.log(dream.octave_scale / octave_scale)) < np.log(octave_scale)
    else:
        assert coarsest == pytest.approx(scale)
        assert scale * octave_scale**-0.5 <= before * 1.0001 or octaves == 1
    assert (dream.jitter, dream.smoothing) == (16, 2)
    assert dream.step_size * np.sqrt(dream.octaves) == pytest.approx(0.02 * np.sqrt(octaves))


def test_each_frame_is_adapted_by_its_own_values() -> None:
    octaves, strength = track(("0s", 2), ("1s", 6)), track(("0s", 0), ("2s", 1))
    timeline = adapted(
        Adaptation(2, 0.5, is_carried=True),
        dream={"octaves": octaves},
        carry={"strength": strength},
        camera={"zoom": 2},
    )
    rows = list(timeline)
    for name in ("dream.octaves", "dream.octave_scale", "dream.step_size", "carry.strength", "carry.step_scale"):
        section, setting = name.split(".")
        of_rows = [getattr(getattr(row, section), setting) for row in rows]
        assert np.broadcast_to(timeline.values(name, 0, len(rows)), len(rows)).tolist() == of_rows
        assert len(set(of_rows)) > 1
    assert [row.dream.octaves for row in (rows[0], rows[10])] == [4, 8]
    assert timeline.values("camera.zoom", 0, 21).tolist() == [2]
    assert adapted(None, dream={"octaves": 2}).difference(timeline, 0, 5) is not None


def test_values_stay_in_their_ranges() -> None:
    row = adapted(Adaptation(16, 100), dream={"step_size": 0.5, "octaves": 16, "octave_blur": 16})[0]
    assert (row.dream.octaves, row.dream.step_size, row.dream.octave_blur) == (16, 1, 16)

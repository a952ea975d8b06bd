"""The numbers of masks at every frame: against each track by itself, and as a part of what is compared."""

from __future__ import annotations

from fractions import Fraction

import pytest

from zoomdream.errors import SettingError
from zoomdream.objectives.specs.regions import Region
from zoomdream.objectives.specs.spec import LayerSpec
from zoomdream.schedule.clock import Clock, Time
from zoomdream.schedule.expressions.expression import Expression
from zoomdream.schedule.timeline import Timeline
from zoomdream.schedule.tracks import Crossfade, JoinedTrack, Keyframe, Track

CLOCK = Clock(Fraction(24), 24)
NAMES = "fire5 in a circle"


def track(*pairs: tuple[str, float], ease: str = "linear") -> Track:
    return Track(tuple(Keyframe(Time.parse(at), (value,), ease) for at, value in pairs))


def circle(x: Track, feather: Track | None = None) -> LayerSpec:
    numbers = JoinedTrack((x, Track.constant(0.5), Track.constant(0.2)))
    return LayerSpec("fire5", mask=Region(shape="circle", numbers=numbers, feather=feather))


def timeline(*specs: LayerSpec) -> Timeline:
    return Timeline(CLOCK, Crossfade.steady(dict.fromkeys(specs, 1.0)))


def digest(film: Timeline, start: int, stop: int) -> str:
    return film.digest(start, stop, dict.fromkeys(film.objectives, NAMES))


def test_rows_have_the_numbers_of_each_track() -> None:
    x, feather = track(("0s", 0), ("1s", 1)), track(("6f", 0.1), ("12f", 0.3))
    spec = circle(x, feather=feather)
    assert spec.mask is not None
    table = timeline(spec, LayerSpec("fire3"))
    for row in table:
        expected = (*x.sample(CLOCK)[row.index], 0.5, 0.2, *feather.sample(CLOCK)[row.index])
        assert row.regions[spec.mask] == pytest.approx(expected)  # type: ignore[index]


def test_an_ease_that_overshoots_is_clamped() -> None:
    table = timeline(circle(track(("0s", 0.5)), feather=track(("0s", 0), ("1s", 1), ease="in-out-elastic")))
    feathers = [numbers[-1] for row in table for numbers in row.regions.values()]
    assert 0 <= min(feathers) <= max(feathers) <= 1


def test_a_formula_that_leaves_its_bounds_is_refused() -> None:
    with pytest.raises(SettingError, match=r"dream.layers.mask.feather: .*the value at frame 13 is"):
        timeline(circle(track(("0s", 0.5)), feather=Track.constant(Expression.parse("frame / 12"))))


def test_digests_change_where_a_mask_does_and_nowhere_else() -> None:
    still, later = timeline(circle(track(("0s", 0.5)))), timeline(circle(track(("12f", 0.5), ("1s", 1))))
    assert digest(still, 0, 12) == digest(later, 0, 12)
    assert digest(still, 0, 14) != digest(later, 0, 14)
    assert digest(still, 0, 24) == digest(timeline(circle(track(("0s", 0.5), ("1s", 0.5)))), 0, 24)
    assert digest(timeline(circle(track(("0s", 0.5)), feather=track(("0s", 0.1)))), 0, 1) != digest(still, 0, 1)


def test_the_first_difference_of_masks_is_told() -> None:
    still, later = timeline(circle(track(("0s", 0.5)))), timeline(circle(track(("12f", 0.5), ("24f", 1))))
    assert still.difference(later, 0, 13) is None
    words = still.difference(later, 0, 24)
    assert words is not None
    assert words.startswith("dream.layers at frame 13: fire5 in circle [0.5, 0.5, 0.2] 1.0 and fire5 in circle [0.54")
    feathered = timeline(circle(track(("0s", 0.5)), feather=track(("0s", 0.1))))
    assert "at frame 0" in (still.difference(feathered, 0, 24) or "")

from __future__ import annotations

from zoomdream.rng import generator


def test_generators_belong_to_seed_frame_and_purpose() -> None:
    def first(*key: object) -> int:
        return int(generator(*key).integers(2**62))  # type: ignore[arg-type]

    assert first(1, 2, "jitter") == first(1, 2, "jitter")
    assert len({first(1, 2, "jitter"), first(2, 2, "jitter"), first(1, 3, "jitter"), first(1, 2, "noise")}) == 4

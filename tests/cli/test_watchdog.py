from __future__ import annotations

import threading

from zoomdream.cli.watchdog import Watch, watch_waits
from zoomdream.interruption import Wait, waiting


class Lines(list[tuple[str, dict[str, object]]]):
    """Keeps what it is told."""

    def __call__(self, text: str, /, **record: object) -> None:
        self.append((text, record))


ENCODER = Wait("ffmpeg to take a frame (process 123)", 100.0)
FIRST = "waiting for ffmpeg to take a frame (process 123) for 10 s; Ctrl-C is safe: finished frames are kept"


def test_a_long_wait_is_told_once_a_minute_and_its_end() -> None:
    lines = Lines()
    watch = Watch(lines)
    times = (105.0, 109.9, 110.0, 111.0, 169.9, 170.0)
    for now in times:
        watch.look(ENCODER, now)
    watch.look(None, 174.0)
    watch.look(None, 175.0)
    assert [text.split(";")[0] for text, _ in lines] == [
        FIRST.split(";")[0],
        FIRST.split(";")[0].replace("10 s", "70 s"),
        "going on after 74 s",
    ]
    assert lines[0] == (FIRST, {"waiting": ENCODER.what, "seconds": 10})
    assert lines[-1][1] == {"waiting": None, "seconds": 74}


def test_short_waits_are_not_told() -> None:
    lines = Lines()
    watch = Watch(lines, "press Ctrl-C")
    for second in range(60):
        watch.look(Wait("ffmpeg", float(second)), second + 0.9)
    assert lines == []


def test_a_wait_that_follows_a_long_one_is_another() -> None:
    lines = Lines()
    watch = Watch(lines, "press Ctrl-C")
    watch.look(ENCODER, 112.0)
    watch.look(Wait("a disk", 113.0), 114.0)
    watch.look(Wait("a disk", 113.0), 123.0)
    assert [text for text, _ in lines] == [
        "waiting for ffmpeg to take a frame (process 123) for 12 s; press Ctrl-C",
        "going on after 14 s",
        "waiting for a disk for 10 s; press Ctrl-C",
    ]


def test_the_thread_sees_the_main_threads_wait_and_ends_with_the_block() -> None:
    told = threading.Event()
    lines = Lines()

    def tell(text: str, /, **record: object) -> None:
        lines(text, **record)
        told.set()

    before = threading.active_count()
    with watch_waits(tell, first=0.0, look=0.001), waiting("a disk"):
        assert told.wait(60)
    assert lines[0][0].startswith("waiting for a disk for 0 s; Ctrl-C is safe")
    assert threading.active_count() == before

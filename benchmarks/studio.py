"""How long the studio keeps an artist waiting: until it is ready, until a text is checked, until something is seen.

    python -m benchmarks.studio [PRESET] [--at 2] [--keyframes 200] [--rounds 20]

It starts the studio as a user does, in a folder of its own, and asks it as the page does. Printed are seconds: from the
command to the address, and to the first answer of the API; milliseconds, median and longest of the rounds, of the check
of a preset of many keyframes of which one has changed, whole and as the server says; and for the motion preview and for
the draft's frame at a time the seconds to the first picture and to the end, the second time that each is asked for.
"""

from __future__ import annotations

import argparse
import http.client
import json
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from typing import Any

from zoomdream.presets.shipped import shipped_files

_TOKEN = "token-of-the-benchmark"
_PAUSE = 0.01  # seconds between two questions


@dataclass(frozen=True)
class Served:
    """A studio that runs."""

    began: float
    """When its command was given, on `time.perf_counter`'s clock."""
    connection: http.client.HTTPConnection
    """One for all questions, as a browser keeps it."""

    def ask(self, path: str, data: object = None) -> Any:
        """The JSON of an answer."""
        body = None if data is None else json.dumps(data).encode()
        method, headers = "GET" if body is None else "POST", {"Authorization": f"Bearer {_TOKEN}"}
        self.connection.request(method, path, body, headers)
        with self.connection.getresponse() as answer:
            found = json.load(answer)
        if answer.status != 200:
            raise RuntimeError(f"{path}: {found['message']}")
        return found

    def preview(self, kind: str, text: str, at: float) -> tuple[float, float]:
        """Seconds until the first picture of a preview, and until it is done."""
        began, first = time.perf_counter(), None
        preview = self.ask("/api/previews", {"kind": kind, "text": text, "at": at})
        while preview["state"] in ("waiting", "running"):
            time.sleep(_PAUSE)
            preview = self.ask(f"/api/previews/{preview['id']}")
            if first is None and preview["picture"]:
                first = time.perf_counter() - began
        if preview["state"] != "done":
            raise RuntimeError(f"the {kind} is {preview['state']}: {preview['message']}")
        done = time.perf_counter() - began
        return done if first is None else first, done


@contextmanager
def serving(folder: str) -> Iterator[Served]:
    """A studio over a folder, from its command on."""
    command = [sys.executable, "-m", "zoomdream", "studio", folder, "--no-browser", "--port", "0", "--token", _TOKEN]
    began = time.perf_counter()
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True) as process:
        try:
            assert process.stdout is not None
            host = process.stdout.readline().removeprefix("http://").partition("/?")[0]
            with closing(http.client.HTTPConnection(host)) as connection:
                yield Served(began, connection)
        finally:
            process.terminate()


def keyframes_text(count: int, changed: float) -> str:
    """A preset with so many keyframes, the value of one of which is `changed`."""
    values = [1 + number % 7 / 10 for number in range(count)]
    values[count // 2] = changed
    rows = (f"    - {{at: {number}s, value: {value:g}, ease: in-out-sine}}\n" for number, value in enumerate(values))
    head = (
        f"zoomdream: 1\nsource: noise\ncanvas: {{size: 480x270, duration: {count}s}}\ndream: {{layers: {{fire6: 1}}}}\n"
    )
    return f"{head}camera:\n  zoom:\n{''.join(rows)}"


def check_times(studio: Served, keyframes: int, rounds: int) -> list[tuple[float, float]]:
    """Milliseconds of each check of a text that has changed a little: whole, and as the server says."""
    times = []
    for number in range(rounds + 1):
        began = time.perf_counter()
        found = studio.ask("/api/check", {"text": keyframes_text(keyframes, 1.5 + number / 1000)})
        assert found["errors"] == []
        times.append(((time.perf_counter() - began) * 1000, found["milliseconds"]))
    return times[1:]  # the first reads every line


def main(arguments: Sequence[str] | None = None) -> None:
    """Measure, and print."""
    parser = argparse.ArgumentParser(prog="benchmarks.studio", description=__doc__.partition("\n")[0])
    parser.add_argument("preset", nargs="?", default="quickstart", help="a shipped preset")
    parser.add_argument("--at", type=float, default=2, help="the frame's time, in seconds")
    parser.add_argument("--keyframes", type=int, default=200)
    parser.add_argument("--rounds", type=int, default=20)
    options = parser.parse_args(arguments)
    text = shipped_files()[options.preset].read_text(encoding="utf-8")
    with tempfile.TemporaryDirectory() as folder, serving(folder) as studio:
        print(f"ready after {time.perf_counter() - studio.began:.2f} s")
        studio.ask("/api/workspace")
        print(f"first answer after {time.perf_counter() - studio.began:.2f} s")
        times = check_times(studio, options.keyframes, options.rounds)
        for label, column in zip(("whole", "in the server"), zip(*times, strict=True), strict=True):
            median, longest = statistics.median(column), max(column)
            print(f"check of {options.keyframes} keyframes, {label}: {median:.1f} ms, at most {longest:.1f} ms")
        for kind in ("motion", "frame"):
            studio.preview(kind, text, options.at)
            first, done = studio.preview(kind, text, options.at)
            print(f"{kind} of {options.preset}: first picture after {first:.2f} s, done after {done:.2f} s")


if __name__ == "__main__":
    main()

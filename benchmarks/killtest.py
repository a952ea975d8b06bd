"""Kills renders at random moments, goes on, and compares every frame with an uninterrupted render's.

    python -m benchmarks.killtest [--kills 50] [--kind zoom|video] [--seed 0]

A kill is SIGKILL to the program alone, at a random moment of one of four kinds: while the film is planned and its
source is read; while a frame is dreamed; while a segment of the journal is closed; while the last frames are encoded
and the film gets its name. Then the same command is run again, and killed again. Each time that a film is complete, its
frames (kept by --keep-frames) and its file are compared with those of a film that was never interrupted. Exit status 1
if anything differs.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import random
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from fractions import Fraction
from pathlib import Path

import numpy as np

from zoomdream.encoding import open_film
from zoomdream.films.journal import find_journal
from zoomdream.images.frame import to_uint8
from zoomdream.images.pictures.loading import load_image
from zoomdream.images.sampling.resample import fit_frame
from zoomdream.presets.sample_pictures import sample_file
from zoomdream.settings import OutputSettings

MOMENTS = ("planning", "dreaming", "closing a segment", "completing")
"""When a render is killed."""

_DREAM = """dream:
  layers: [{{at: 0s, mix: {{fire5: 1}}}}, {{at: end, mix: {{fire8: 1}}}}]
  octaves: 2
  steps: {steps}
  step_size: 0.02
color: {{coherence: 0.1}}
camera: {{zoom: 1.3, rotate: 4}}
output: {{crf: 20}}
"""
_SIZE = (96, 64)


def zoom_preset(folder: Path, frames: int, steps: int) -> Path:
    """A preset of a film from a photo."""
    preset = folder / "zoom.yaml"
    canvas = f"canvas: {{size: 96x64, fps: 24, duration: {frames}f}}"
    preset.write_text(f"zoomdream: 1\nsource: sample:clouds\n{canvas}\n" + _DREAM.format(steps=steps))
    return preset


def video_preset(folder: Path, frames: int, steps: int) -> Path:
    """A preset of a film over a video with a cut in its middle."""
    shots = [fit_frame(load_image(sample_file(f"sample:{name}")), (96 + frames, 64)) for name in ("reef", "hills")]
    wide = [to_uint8(shot) for shot in shots]
    clip = folder / "clip.mkv"
    with open_film(clip, _SIZE, Fraction(24), OutputSettings(crf=10), frames=frames, overwrite=True) as film:
        for index in range(frames):
            film.write(np.ascontiguousarray(wide[2 * index // frames][:, index : index + 96]))
    preset = folder / "video.yaml"
    carry = f"carry: {{steps: {steps}, strength: 0.9}}"
    preset.write_text(f"zoomdream: 1\nsource: clip.mkv\n{carry}\n" + _DREAM.format(steps=2 * steps))
    return preset


@dataclass(frozen=True)
class Result:
    """A complete film."""

    frames: tuple[str, ...]
    """sha256 of each frame's pixels."""
    file: str
    """sha256 of the film's file."""


def result_of(output: Path) -> Result:
    """What a film is, from its file and from the frames that were kept beside it."""
    journal = find_journal(output.with_name(output.name + ".journal"))
    assert journal is not None
    frames = tuple(hashlib.sha256(pixels.tobytes()).hexdigest() for pixels in journal.read(0, journal.frames))
    return Result(frames, hashlib.sha256(output.read_bytes()).hexdigest())


def start(preset: Path, output: Path) -> subprocess.Popen[str]:
    """Run the command line's render in a process of its own."""
    command = [
        sys.executable,
        "-m",
        "zoomdream",
        "render",
        str(preset),
        "-o",
        str(output),
        "--keep-frames",
        "--progress",
        "json",
    ]
    return subprocess.Popen(command, stderr=subprocess.PIPE, text=True)


def reports(process: subprocess.Popen[str], log: list[str]) -> Iterator[dict[str, int]]:
    """The JSON lines of its progress; other lines are added to `log`."""
    assert process.stderr is not None
    for line in process.stderr:
        if line.startswith('{"film"'):
            yield json.loads(line)
        else:
            log.append(line.rstrip())


@dataclass
class Tally:
    """What has happened so far."""

    kills: Counter[str] = field(default_factory=Counter)
    """Kills by their moment."""
    films: int = 0
    """Films that were completed."""
    different_frames: int = 0
    different_files: int = 0


class KillTest:
    """Renders one film again and again, killed `kills` times in all."""

    def __init__(self, preset: Path, folder: Path, seed: int) -> None:
        self._preset = preset
        self._output = folder / "out.mp4"
        self._random = random.Random(seed)
        self.tally = Tally()
        began = time.monotonic()
        self.reference = self._uninterrupted(folder / "whole.mp4")
        self._seconds = time.monotonic() - began

    def run(self, kills: int) -> Tally:
        """Kill, go on, compare, until `kills` were done and the last film is complete."""
        while True:
            left = kills - self.tally.kills.total()
            moment = self._random.choice(MOMENTS) if left > 0 else None
            if self._killed(moment) and not self._output.exists():
                continue  # else it was killed after the film got its name
            self._compare()
            if left <= 0:
                return self.tally

    def _uninterrupted(self, output: Path) -> Result:
        process = start(self._preset, output)
        log: list[str] = []
        for _ in reports(process, log):
            pass
        assert process.wait() == 0, log
        return result_of(output)

    def _killed(self, moment: str | None) -> bool:
        """Render; kill at a moment of that kind. Returns whether it was killed before it was complete."""
        process, log = start(self._preset, self._output), list[str]()
        try:
            if moment == "planning":
                return self._end(process, moment, self._random.uniform(0, 0.4 * self._seconds))
            if moment == "closing a segment":
                self._wait_for_segment(process)
                return self._end(process, moment, self._random.uniform(0, 0.02))
            for report in reports(process, log):
                last = report["frame"] == report["frames"]
                if moment == "completing" and last:
                    return self._end(process, moment, self._random.uniform(0, 0.3))
                if moment == "dreaming" and report["frame"] > report.get("before", 0) and self._random.random() < 0.1:
                    return self._end(process, moment, self._random.uniform(0, 0.2))
            assert process.wait() == 0, log
            return False
        finally:
            process.kill()
            process.wait()
            assert process.stderr is not None
            process.stderr.close()

    def _wait_for_segment(self, process: subprocess.Popen[str]) -> None:
        """Until a segment of the journal is being closed: its state has just got its name."""
        folder = self._output.with_name("out.mp4.journal")
        before = set(folder.glob("state-*"))
        while process.poll() is None and set(folder.glob("state-*")) <= before:
            time.sleep(0.001)  # nothing tells when another process has created a file

    def _end(self, process: subprocess.Popen[str], moment: str, seconds: float) -> bool:
        """Kill it after so many seconds. Returns whether it still ran."""
        try:
            process.wait(seconds)
        except subprocess.TimeoutExpired:
            process.kill()
            self.tally.kills[moment] += 1
            return True
        assert process.returncode == 0, process.returncode
        return False

    def _compare(self) -> None:
        result = result_of(self._output)
        pairs = zip(result.frames, self.reference.frames, strict=True)
        self.tally.films += 1
        self.tally.different_frames += sum(ours != theirs for ours, theirs in pairs)
        self.tally.different_files += result.file != self.reference.file
        self._output.unlink()
        journal = find_journal(self._output.with_name("out.mp4.journal"))
        assert journal is not None
        journal.remove()


KINDS = {"zoom": zoom_preset, "video": video_preset}


def main() -> None:
    """Run the test for each kind of film and print what happened."""
    parser = argparse.ArgumentParser(description="Kill renders, go on, compare every frame.")
    parser.add_argument("--kills", type=int, default=50, help="for each kind of film")
    parser.add_argument("--kind", choices=list(KINDS), action="append")
    parser.add_argument("--frames", type=int, default=120)
    parser.add_argument("--steps", type=int, default=4)
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args()
    failed = False
    for kind in options.kind or KINDS:
        with tempfile.TemporaryDirectory() as folder:
            test = KillTest(KINDS[kind](Path(folder), options.frames, options.steps), Path(folder), options.seed)
            tally = test.run(options.kills)
        print(
            f"{kind}: {tally.kills.total()} kills ({', '.join(f'{n} {m}' for m, n in tally.kills.items())}), "
            f"{tally.films} films completed, {tally.different_frames} frames and {tally.different_files} files differ",
            flush=True,
        )
        failed |= bool(tally.different_frames or tally.different_files)
    sys.exit(failed)


if __name__ == "__main__":
    main()

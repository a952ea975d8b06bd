"""The benchmark of threads: what it measures, what it prints, and that its busy processes end."""

from __future__ import annotations

import re
import signal
import subprocess
import sys

import psutil
import pytest

from benchmarks import threads
from benchmarks.threads import Case, Reading, Variant, busy_processes, counts_up_to, report, variants
from zoomdream.runtime import ENVIRONMENT

OWN = ENVIRONMENT[threads.SPIN]


@pytest.mark.parametrize(("most", "counts"), [(1, [1]), (2, [1, 2]), (6, [1, 2, 4, 6]), (8, [1, 2, 4, 8])])
def test_numbers_of_threads_are_doubled_up_to_all(most: int, counts: list[int]) -> None:
    assert counts_up_to(most) == counts


def test_only_the_most_threads_spin_in_other_ways() -> None:
    assert variants([1, 2, 4], ["0", OWN]) == [Variant(1, OWN), Variant(2, OWN), Variant(4, OWN), Variant(4, "0")]
    assert variants([1], ["0"]) == [Variant(1, OWN)]


def test_the_report_names_the_fastest_quiet_and_busy(capsys: pytest.CaptureFixture[str]) -> None:
    one, two = Variant(1, OWN), Variant(2, OWN)
    seconds = {
        Case(one, "step", 0): 2.0,
        Case(one, "step", 2): 3.0,
        Case(two, "step", 0): 1.0,
        Case(two, "step", 2): 5.0,
    }
    report({case: [Reading(each * share, each, 0.25) for share in (0.5, 1, 2)] for case, each in seconds.items()}, 2)
    printed = capsys.readouterr().out
    assert re.search(r"^1 thread +2\.000 +1\.000-4\.000 +2\.00 +3\.000 +1\.500-6\.000 +3\.00 +1\.50$", printed, re.M)
    assert re.search(rf"^2 threads, spin {OWN} +1\.000 .* 5\.00$", printed, re.M)
    assert f"fastest when quiet: 2 threads, spin {OWN}; fastest beside 2 busy: 1 thread\n" in printed
    assert "others used 0.25 cores" in printed


def test_busy_processes_use_the_processor_until_the_block_is_left() -> None:
    with busy_processes(2) as found:
        before = [sum(process.cpu_times()[:2]) for process in found]
        while any(sum(process.cpu_times()[:2]) <= used for process, used in zip(found, before, strict=True)):
            assert all(process.is_running() for process in found)
    assert not any(process.is_running() for process in found)


def test_busy_processes_end_with_a_benchmark_that_is_killed() -> None:
    code = (
        "import sys; from benchmarks.threads import busy_processes\n"
        "with busy_processes(1) as found: print(found[0].pid, flush=True); sys.stdin.read()"
    )
    pipe = subprocess.PIPE
    with subprocess.Popen([sys.executable, "-c", code], stdin=pipe, stdout=pipe, text=True) as benchmark:
        assert benchmark.stdout is not None
        busy = psutil.Process(int(benchmark.stdout.readline()))
        benchmark.send_signal(signal.SIGKILL)
    _, alive = psutil.wait_procs([busy], timeout=60)
    assert alive == []


@pytest.mark.slow
def test_a_step_and_a_film_are_measured_quiet_and_busy() -> None:
    """Slow because each setting of the environment has a process that loads PyTorch."""
    arguments = ("--threads", "1,2", "--spins", "0", "--size", "64x48", "--frames", "1", "--rounds", "1", "--busy", "1")
    command = [sys.executable, "-m", "benchmarks.threads", *arguments]
    printed = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    assert "\n64x48, a film of 1 frames, medians of 1 rounds\n" in printed
    rows = re.findall(r"^(\d threads?(?:, spin \d+)?) +([\d.]+) .* ([\d.]+)$", printed, re.M)
    assert [label for label, _, _ in rows] == ["1 thread", f"2 threads, spin {OWN}", "2 threads, spin 0"] * 2
    assert all(float(seconds) > 0 and float(ratio) > 0 for _, seconds, ratio in rows)
    assert printed.count("fastest when quiet: ") == 2

from __future__ import annotations

from tests.support.stability import fake_result
from zoomdream.stability import format_table


def test_the_table_has_a_row_for_each_second_shot_and_the_whole() -> None:
    lines = format_table(fake_result([10] * 30 + [20] * 30, cuts=(30,))).splitlines()
    assert lines[0] == "out.mp4 against clip.mp4: 60 frames of 96x64 at 25 fps, flow farneback"
    assert lines[1] == "warning: a warning"
    rows = {line[:8].strip(): line[8:].split() for line in lines[6:14]}
    assert [*rows] == ["-" * 8, "0:00", "0:01", "0:02", "shot 1", "shot 2", "all"]
    colors = ["100", "50", "25", "50", "25", "12"]
    # nE is the mean of 0.01 to 0.24; E_warp a tenth of it, and the source's a twentieth, times 1000.
    assert rows["0:00"] == ["25", "0.12", "12.50", "6.25", "10.0", "400", "200", *colors]
    assert rows["0:01"] == ["25", "0.37", "37.29", "18.65", "18.0", "400", "200", *colors]
    assert rows["shot 2"] == ["30", "0.45", "45.00", "22.50", "20.0", "1.00", "400", "200", *colors]
    assert rows["all"][:6] == ["60", "0.30", "30.00", "15.00", "15.0", "2.00"]
    assert max(map(len, lines)) <= 115

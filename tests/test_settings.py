from __future__ import annotations

from typing import Any

import pytest

from zoomdream.errors import SettingError
from zoomdream.settings import DreamSettings


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"octaves": 0}, "octaves is 0: it must be a whole number from 1 to 16"),
        ({"smoothing": 99.0}, "smoothing is 99.0: it must be a number from 0 to 16"),
        ({"objective": "l3"}, "objective is 'l3': it should be 'l2' or 'mean'"),
    ],
)
def test_settings_out_of_range_name_what_is_allowed(values: dict[str, Any], message: str) -> None:
    with pytest.raises(SettingError, match=message):
        DreamSettings(**values)

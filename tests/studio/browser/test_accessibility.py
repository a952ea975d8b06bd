"""Every view passes axe without a serious finding, in light and dark, and can be used with a keyboard."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Literal

import pytest
from playwright.sync_api import Page, expect

from tests.studio.browser.conftest import WINDOW, Go

AXE = (Path(__file__).parent / "vendor" / "axe.min.js").read_text(encoding="utf-8")

READY = {
    "#/gallery": ".card",
    "#/preset/TINY": ".problems .good",
    "#/shipped/cathedral": ".swatches",
    "#/shipped/garden": ".walk",
    "#/sources": ".welcome",
    "#/jobs": ".welcome",
}


def serious(page: Page) -> list[str]:
    """What axe finds that is serious or critical."""
    if not page.evaluate("() => 'axe' in window"):
        page.evaluate(AXE)
    found = page.evaluate("() => axe.run(document, {resultTypes: ['violations']})")
    return [
        f"{each['id']}: {each['help']}: {[node['target'] for node in each['nodes']][:4]}"
        for each in found["violations"]
        if each["impact"] in ("serious", "critical")
    ]


@pytest.fixture
def window(shared_page: Page) -> Iterator[Page]:
    """The shared page, which has its own size and colors again after the test."""
    yield shared_page
    shared_page.set_viewport_size(WINDOW)
    shared_page.emulate_media(color_scheme="light", reduced_motion="reduce")


@pytest.mark.parametrize(("width", "scheme"), [(1280, "dark"), (390, "light")])
def test_no_view_has_a_serious_finding(
    window: Page, go: Go, tiny: str, width: int, scheme: Literal["light", "dark"]
) -> None:
    window.set_viewport_size({"width": width, "height": 720})
    window.emulate_media(color_scheme=scheme, reduced_motion="reduce")
    for place, selector in READY.items():
        page = go(place.replace("TINY", tiny))
        page.locator(selector).first.wait_for(state="attached")
        assert serious(page) == [], place
        assert page.evaluate("() => document.documentElement.scrollWidth <= innerWidth"), place


def test_dialogs_and_menus_have_no_serious_finding(go: Go, tiny: str) -> None:
    page = go(f"#/preset/{tiny}")
    page.locator('[data-path="dream.layers"]').get_by_role("button", name="Add").click()
    page.locator(".pick").first.wait_for()
    assert serious(page) == []
    page.keyboard.press("Escape")
    expect(page.locator("dialog")).to_have_count(0)
    page.locator(".lane.track .key").first.click()
    page.locator(".key-panel").wait_for()
    assert serious(page) == []
    page.keyboard.press("Escape")


def test_the_playhead_is_moved_with_keys(go: Go, tiny: str) -> None:
    page = go(f"#/preset/{tiny}")
    expect(page.locator(".readout")).to_contain_text("0:02.00")
    page.locator("#view").focus()
    for key, frame in (("ArrowRight", 1), ("Shift+ArrowRight", 7), ("ArrowLeft", 6), ("End", 11), ("Home", 0)):
        page.keyboard.press(key)
        expect(page.locator(".readout")).to_contain_text(f"frame {frame}")

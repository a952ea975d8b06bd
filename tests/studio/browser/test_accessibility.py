"""Every view passes axe without a serious finding, in light and dark, and can be used with a keyboard."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.studio.browser.conftest import PATIENCE, OpenPage

AXE = (Path(__file__).parent / "vendor" / "axe.min.js").read_text(encoding="utf-8")

READY = {
    "#/gallery": ".card",
    "#/preset/TINY": ".problems .good",
    "#/sources": ".welcome",
    "#/jobs": ".welcome",
}


def serious(page: Page) -> list[str]:
    """What axe finds that is serious or critical."""
    page.evaluate(AXE)
    found = page.evaluate("() => axe.run(document, {resultTypes: ['violations']})")
    return [
        f"{each['id']}: {each['help']}: {[node['target'] for node in each['nodes']][:4]}"
        for each in found["violations"]
        if each["impact"] in ("serious", "critical")
    ]


@pytest.mark.parametrize(("width", "scheme"), [(1280, "dark"), (390, "light")])
def test_no_view_has_a_serious_finding(
    browser: Browser, address: str, tiny: str, width: int, scheme: Literal["light", "dark"]
) -> None:
    context = browser.new_context(
        viewport={"width": width, "height": 720}, color_scheme=scheme, bypass_csp=True, reduced_motion="reduce"
    )
    context.set_default_timeout(PATIENCE)
    context.route("**/api/previews", lambda route: route.fulfill(status=503, json={"message": "not now"}))
    page = context.new_page()
    page.goto(address)
    for place, selector in READY.items():
        page.evaluate("(place) => { location.hash = place; }", place.replace("TINY", tiny))
        page.locator(selector).first.wait_for(state="attached")
        assert serious(page) == [], place
        assert page.evaluate("() => document.documentElement.scrollWidth <= innerWidth"), place
    page.evaluate("(place) => { location.hash = place; }", f"#/preset/{tiny}")
    page.locator('[data-path="dream.layers"]').get_by_role("button", name="Add").click()
    page.locator(".pick").first.wait_for()
    assert serious(page) == []
    page.keyboard.press("Escape")
    expect(page.locator("dialog")).to_have_count(0)
    if width < 760:
        page.get_by_role("tab", name="Timeline").click()
    page.locator(".lane.track .key").first.click()
    page.locator(".key-panel").wait_for()
    assert serious(page) == []
    context.close()


@pytest.mark.usefixtures("no_previews")
def test_the_playhead_is_moved_with_keys(open_page: OpenPage, tiny: str) -> None:
    page = open_page(f"#/preset/{tiny}")
    expect(page.locator(".readout")).to_contain_text("0:02.00")
    page.locator("#view").focus()
    for key, frame in (("ArrowRight", 1), ("Shift+ArrowRight", 7), ("ArrowLeft", 6), ("End", 11), ("Home", 0)):
        page.keyboard.press(key)
        expect(page.locator(".readout")).to_contain_text(f"frame {frame}")

"""Sources: what is dropped is looked into, and a part of it is taken."""

from __future__ import annotations

from pathlib import Path

from playwright.sync_api import expect

from tests.studio.browser.conftest import Go
from tests.support.studio_page import drop_file, preset_text


def test_a_part_of_a_clip_is_dreamed(go: Go, clips: Path) -> None:
    page = go("#/sources")
    expect(page.locator("h1")).to_have_text("Sources")
    drop_file(page, clips / "bikes.mp4", "street.mp4")
    page.locator(".card[data-name='street.mp4'] .open").click()
    expect(page.locator(".facts")).to_contain_text("640 × 272")
    expect(page.locator(".facts")).to_contain_text("25 frames a second")
    page.get_by_role("slider", name="Where the film begins").focus()
    for _ in range(2):
        page.keyboard.press("Shift+ArrowRight")
    expect(page.locator(".trimmer")).to_contain_text("From 0:02.00 to 0:10.00: 8.00 s")
    page.get_by_role("button", name="Open").click()

    expect(page.locator(".preset-bar h1")).to_have_text("street-street-animals")
    expect(page.locator(".problems")).to_contain_text("No mistakes")
    text = preset_text(page)
    assert "source: street.mp4" in text
    assert "start: 2s" in text
    assert "duration: 8s" in text
    expect(page.locator(".form-section h3", has_text="Over the clip")).to_be_visible()
    expect(page.locator(".lane.ruler")).to_contain_text("200 frames")


def test_a_preset_without_its_source_asks_for_one(go: Go, photos: Path) -> None:
    page = go("#/shipped/painted-video")
    expect(page.locator(".source-wanted")).to_contain_text("There is no clip.mp4 in your workspace")
    expect(page.get_by_role("button", name="Render draft")).to_be_disabled()
    drop_file(page, photos / "rocket.jpg", "rocket.jpg")
    expect(page.locator(".editor")).to_contain_text("source: rocket.jpg")
    expect(page.locator(".source-wanted")).to_be_hidden()
    expect(page.get_by_role("button", name="Render draft")).to_be_enabled()

"""The way of somebody who opens the studio for the first time, from the gallery to a film."""

from __future__ import annotations

from pathlib import Path

from playwright.sync_api import Page, expect

from tests.studio.browser.conftest import OpenPage
from tests.support.studio_page import drag, drop_file, is_played, preset_text


def test_a_newcomer_makes_a_film(open_page: OpenPage, photos: Path, workspace: Path) -> None:
    page = open_page()
    page.locator(".card[data-name=quickstart] .open").click()
    expect(page.locator(".preset-bar h1")).to_have_text("quickstart")

    drop_file(page, photos / "coffee.png", "my coffee.png")
    expect(page.locator("[data-path=source] .picker")).to_contain_text("my coffee.png")
    assert (workspace / "my coffee.png").read_bytes() == (photos / "coffee.png").read_bytes()
    make_it_small(page)

    before = preset_text(page)
    expect(page.locator(".lane.ruler")).to_contain_text("12 frames")
    expect(page.locator('.lane[data-path="camera.zoom"] .key')).to_have_count(1)
    drag(page, '.lane[data-path="camera.zoom"] .key', across=60, down=-20)
    expect(page.locator(".editor")).not_to_contain_text("0s: 1.15,")
    after = preset_text(page)
    assert after != before
    assert "# times per second" in after  # comments survive

    page.locator(".stage:not(.old) img.shown").wait_for()
    assert page.locator(".stage img.shown").evaluate("(picture) => picture.naturalWidth") > 0

    page.get_by_role("button", name="Render draft").click()
    page.locator(".toast").get_by_text("Show").click()
    page.locator(".job").wait_for()
    page.close()

    again = open_page("#/jobs")
    job = again.locator(".job").first
    expect(job.locator(".badge").last).to_have_text("Finished", timeout=60_000)
    job.get_by_role("button", name="Watch").click()
    assert is_played(again, "dialog video") > 0


def make_it_small(page: Page) -> None:
    """By the form: a film of a few small frames."""
    for path, value in (("canvas.size", "64x48"), ("canvas.duration", "1s")):
        field = page.locator(f'[data-path="{path}"] input')
        field.fill(value)
        field.press("Tab")
        expect(page.locator(".editor")).to_contain_text(value)
    page.locator('[data-path="canvas.fps"] select').select_option("12")
    expect(page.locator(".editor")).to_contain_text("fps: 12")

"""The text, the form and the timeline: one change is seen in all three."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.studio.browser.conftest import Go
from tests.support.studio_page import preset_text


@pytest.fixture
def page(go: Go, tiny: str) -> Page:
    """The page with a tiny preset open and checked."""
    page = go(f"#/preset/{tiny}")
    expect(page.locator(".preset-bar h1")).to_have_text(tiny.removesuffix(".yaml"))
    expect(page.locator(".problems")).to_contain_text("No mistakes")
    page.locator('[data-path="camera.zoom"] .key').first.wait_for()
    return page


def type_in_line(page: Page, line: str, text: str) -> None:
    """Write at the end of the line with a text."""
    page.locator(".cm-line", has_text=line).click()
    page.keyboard.press("End")
    page.keyboard.type(text)


def choose(page: Page, name: str) -> None:
    """Take a completion."""
    page.locator(".cm-tooltip-autocomplete li", has=page.get_by_text(name, exact=True)).click()


def test_a_mistake_is_told_at_its_line_while_one_types(page: Page) -> None:
    type_in_line(page, "steps: 1", "\nstep_sise: 0.1")
    expect(page.locator(".problems .bad")).to_contain_text("Line 9")
    expect(page.locator(".problems .bad")).to_contain_text("did you mean step_size")
    expect(page.locator(".cm-wrong")).to_have_text("  step_sise: 0.1")
    expect(page.get_by_role("button", name="Render draft")).to_be_disabled()
    page.locator(".problems .bad button").click()
    page.keyboard.press("End")
    page.keyboard.press("Shift+Home")
    page.keyboard.press("Delete")
    expect(page.locator(".problems")).to_contain_text("No mistakes")
    expect(page.get_by_role("button", name="Render draft")).to_be_enabled()


def test_keys_and_values_are_completed(page: Page) -> None:
    type_in_line(page, "steps: 1", "\nsm")
    choose(page, "smoothing")
    page.keyboard.type("0.5\nobj")
    choose(page, "objective")
    page.keyboard.type("m")
    choose(page, "mean")
    expect(page.locator(".problems")).to_contain_text("No mistakes")
    assert "  smoothing: 0.5\n  objective: mean" in preset_text(page)


def test_the_form_and_the_text_stay_in_step(page: Page) -> None:
    field = page.locator('[data-path="dream.octaves"] input[type=number]')
    expect(field).to_have_value("1")
    field.fill("2")
    field.press("Tab")
    expect(page.locator(".cm-line", has_text="octaves: 2")).to_be_visible()
    assert "# the quickest" in preset_text(page)
    type_in_line(page, "octaves: 2", "0")
    expect(page.locator(".problems .bad")).to_contain_text("Line 7")
    page.keyboard.press("Backspace")
    page.keyboard.press("Backspace")
    page.keyboard.type("3")
    expect(field).to_have_value("3")


def test_layers_are_chosen_by_a_picker(page: Page) -> None:
    page.locator('[data-path="dream.layers"]').get_by_role("button", name="Add").click()
    page.get_by_role("searchbox").fill("fire8")
    page.locator(".pick[data-name=fire8]").click()
    expect(page.locator(".cm-line", has_text="fire8: 1")).to_be_visible()
    assert "fire2: 1" in preset_text(page)
    page.locator('[data-path="dream.layers"]').get_by_role("button", name="Remove fire2").click()
    expect(page.locator(".editor")).not_to_contain_text("fire2: 1")


def test_keyframes_are_moved_added_eased_and_deleted_by_keys_and_mouse(page: Page) -> None:
    keys = page.locator('[data-path="camera.zoom"] .key')
    keys.nth(1).focus()
    page.keyboard.press("ArrowRight")
    page.keyboard.press("ArrowRight")
    expect(keys.nth(1)).to_have_attribute("aria-label", "Zoom, keyframe at 0:01.33: 1.3, ease linear")
    expect(keys.nth(1)).to_be_focused()

    board = page.locator('[data-path="camera.zoom"] .board')
    box = board.bounding_box()
    assert box is not None
    page.mouse.dblclick(box["x"] + box["width"] / 4, box["y"] + box["height"] / 2)
    expect(keys).to_have_count(3)

    keys.nth(2).focus()
    page.keyboard.press("Delete")
    expect(keys).to_have_count(2)
    keys.nth(0).click()
    page.get_by_label("Ease", exact=True).select_option("hold")
    expect(page.locator(".editor")).to_contain_text("hold")
    expect(page.locator(".problems")).to_contain_text("No mistakes")


def test_a_still_value_begins_to_move(page: Page) -> None:
    page.locator('[data-path="camera.rotate"]').get_by_role("button", name="Let it move").click()
    expect(page.locator('.lane[data-path="camera.rotate"] .key')).to_have_count(2)
    expect(page.locator('.form [data-path="camera.rotate"] .moving')).to_contain_text("2 keyframes")


def test_undo_takes_back_what_the_form_did(page: Page) -> None:
    before = preset_text(page)
    page.locator('[data-path="dream.steps"] input[type=number]').fill("4")
    page.keyboard.press("Tab")
    expect(page.locator(".editor")).to_contain_text("steps: 4")
    page.get_by_role("button", name="Undo").click()
    expect(page.locator(".editor")).to_contain_text("steps: 1")
    assert preset_text(page) == before
    expect(page.locator('[data-path="dream.steps"] input[type=number]')).to_have_value("1")


def test_it_is_saved_with_a_key(page: Page, workspace: Path, tiny: str) -> None:
    type_in_line(page, "steps: 1", "  # once")
    expect(page.locator(".preset-bar .badge")).to_have_text("Not saved")
    page.keyboard.press("Control+s")
    expect(page.locator(".preset-bar .badge")).to_have_text("Saved")
    assert "steps: 1  # once" in (workspace / tiny).read_text(encoding="utf-8")

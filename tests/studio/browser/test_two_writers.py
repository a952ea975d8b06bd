"""One file, two writers: nobody's work is lost without a word."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.studio.browser.conftest import OpenPage
from tests.support.studio_page import TINY

pytestmark = pytest.mark.usefixtures("no_previews")


def write(page: Page, text: str) -> None:
    """Write below the last line."""
    page.locator(".cm-content").click()
    page.keyboard.press("Control+End")
    page.keyboard.type(text)
    expect(page.locator(".preset-bar .badge")).to_have_text("Not saved")


def test_the_second_tab_that_saves_is_told(open_page: OpenPage, workspace: Path, tiny: str) -> None:
    first, second = open_page(f"#/preset/{tiny}"), open_page(f"#/preset/{tiny}")
    for page, text in ((first, "# first"), (second, "# second")):
        page.bring_to_front()
        expect(page.locator(".editor")).to_contain_text("the quickest")
        write(page, text)
    first.bring_to_front()
    first.keyboard.press("Control+s")
    expect(first.locator(".preset-bar .badge")).to_have_text("Saved")
    second.bring_to_front()
    second.keyboard.press("Control+s")
    expect(second.locator(".notice")).to_contain_text("changed")
    assert (workspace / tiny).read_text(encoding="utf-8") == TINY + "# first"

    second.get_by_role("button", name="Keep mine").click()
    expect(second.locator(".preset-bar .badge")).to_have_text("Saved")
    assert (workspace / tiny).read_text(encoding="utf-8") == TINY + "# second"
    expect(first.locator(".editor")).to_contain_text("# second")  # it had no changes of its own


def test_a_change_on_the_disk_is_offered(open_page: OpenPage, workspace: Path, tiny: str) -> None:
    page = open_page(f"#/preset/{tiny}")
    expect(page.locator(".editor")).to_contain_text("the quickest")
    write(page, "# mine")
    (workspace / tiny).write_text(TINY.replace("octaves: 1", "octaves: 2"), encoding="utf-8")
    page.keyboard.press("Control+s")
    page.get_by_role("button", name="Reload it").click()
    expect(page.locator(".editor")).to_contain_text("octaves: 2")
    expect(page.locator(".editor")).not_to_contain_text("# mine")
    expect(page.locator(".notice")).to_have_count(0)


def test_what_was_not_saved_is_there_again(open_page: OpenPage, tiny: str) -> None:
    page = open_page(f"#/preset/{tiny}")
    expect(page.locator(".editor")).to_contain_text("the quickest")
    write(page, "# a thought")
    page.wait_for_function("() => Object.keys(localStorage).some((key) => key.startsWith('zoomdream-unsaved'))")
    page.close()
    again = open_page(f"#/preset/{tiny}")
    expect(again.locator(".notice")).to_contain_text("not saved")
    expect(again.locator(".editor")).to_contain_text("# a thought")
    again.get_by_role("button", name="Discard them").click()
    expect(again.locator(".editor")).not_to_contain_text("# a thought")

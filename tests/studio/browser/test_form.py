"""The form shows what presets say, and what is changed there is written into the text, whose comments stay."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.studio.browser.conftest import Go
from tests.support.studio_page import preset_text
from zoomdream.presets.documents.yaml_document import Document
from zoomdream.presets.shipped import shipped_files

PRESET = """\
zoomdream: 1
source: sample:clouds
networks: [squeezenet1_1, mobilenet_v2_trunk]
canvas: {size: 64x48, fps: 6, duration: 2s}
dream:
  layers: {fire2: 1}   # the quickest
color:
  palette:             # dusk
    0s: source
    1s: ["#112233", "#e8d8b0"]   # and night
"""

WALK = """\
zoomdream: 1
source: sample:clouds
canvas: {size: 64x48, fps: 6, duration: 2s}
dream:
  layers: {wander: {classes: [flowers, birds]}, hold: 1s, fade: 500ms}   # a garden
"""


def open_preset(go: Go, workspace: Path, name: str, text: str) -> Page:
    """The page with a preset open and checked."""
    (workspace / f"{name}.yaml").write_text(text, encoding="utf-8")
    page = go(f"#/preset/{name}.yaml")
    expect(page.locator(".preset-bar h1")).to_have_text(name)
    expect(page.locator(".problems")).to_contain_text("No mistakes")
    return page


def field(page: Page, path: str) -> Locator:
    """The row of the form that has a key."""
    return page.locator(f'.form [data-path="{path}"]')


def colors_in(value: Any) -> int:
    """How many colors a palette's value has."""
    if isinstance(value, dict | list):
        return sum(map(colors_in, value.values() if isinstance(value, dict) else value))
    return int(str(value).startswith("#"))


@pytest.mark.parametrize("name", sorted(shipped_files()))
def test_every_shipped_preset_has_a_form(go: Go, name: str) -> None:
    data: Any = Document.parse(shipped_files()[name].read_text(encoding="utf-8"), name).data
    page = go(f"#/shipped/{name}")
    expect(page.locator(".preset-bar h1")).to_have_text(name)
    expect(field(page, "dream.layers").locator(".objective").first).to_be_visible()
    networks = data.get("networks") or [data.get("network", "squeezenet1_1")]
    choices = field(page, "network").locator("select")
    expect(choices).to_have_count(len(networks))
    for number, network in enumerate(networks):
        expect(choices.nth(number)).to_have_value(network)
    palette = data.get("color", {}).get("palette")
    expect(field(page, "color.palette").locator("input[type=color]")).to_have_count(colors_in(palette))
    calm = data.get("focus", {}).get("calm")
    expect(field(page, "focus.calm").locator("input[type=number]")).to_have_value("" if calm is None else f"{calm:g}")


def test_a_palette_is_changed(go: Go, workspace: Path) -> None:
    page = open_preset(go, workspace, "palette", PRESET)
    row = field(page, "color.palette")
    expect(row.locator(".mix-time")).to_have_text(["0s", "1s"])
    row.get_by_label("Color 1 of 2 at 1s").fill("#334455")
    expect(page.locator(".editor")).to_contain_text("#334455")
    row.get_by_role("button", name="Add a color at 1s").click()
    expect(row.locator("input[type=color]")).to_have_count(3)
    row.get_by_label("Color 2 of 3 at 1s").press("Delete")
    expect(row.locator("input[type=color]")).to_have_count(2)
    row.get_by_role("button", name="Choose colors at 0s").click()
    page.get_by_role("menuitem", name="The colors of sample:hills").click()
    expect(row).to_contain_text("sample:hills")
    text = preset_text(page)
    assert "0s: sample:hills" in text
    assert "#112233" not in text
    assert "# dusk" in text
    assert "# and night" in text
    expect(page.locator(".problems")).to_contain_text("No mistakes")


def test_a_palette_has_moments_of_its_own(go: Go, workspace: Path) -> None:
    page = open_preset(go, workspace, "moments", PRESET)
    row = field(page, "color.palette")
    expect(page.locator(".lane.ruler")).to_contain_text("12 frames")
    page.locator("#view").focus()
    for _ in range(3):
        page.keyboard.press("ArrowRight")
    expect(page.locator(".readout")).to_contain_text("frame 3")
    row.get_by_role("button", name="Other colors here").click()
    expect(row.locator(".mix-time")).to_have_text(["0s", "0.5s", "1s"])
    for moment in ("0s", "0.5s"):
        row.get_by_role("button", name=f"Choose colors at {moment}").click()
        page.get_by_role("menuitem", name="Take out this moment").click()
        expect(row.locator(".mix-time", has_text=moment)).to_have_count(0)
    expect(row.locator("input[type=color]")).to_have_count(2)  # what is left does not change
    expect(page.locator(".problems")).to_contain_text("No mistakes")


def test_layers_of_a_second_network_are_chosen(go: Go, workspace: Path) -> None:
    page = open_preset(go, workspace, "two", PRESET)
    field(page, "dream.layers").get_by_role("button", name="Add").click()
    expect(page.locator(".pick-head")).to_have_text(["squeezenet1_1", "mobilenet_v2_trunk"])
    page.get_by_role("searchbox").fill("features.14")
    page.locator('.pick[data-name="mobilenet_v2_trunk/features.14"]').click()
    expect(page.locator(".editor")).to_contain_text("mobilenet_v2_trunk/features.14: 1")
    expect(page.locator(".problems")).to_contain_text("No mistakes")
    row = field(page, "dream.layers")
    expect(row.locator(".objective")).to_have_text(["fire2", "features.14mobilenet_v2_trunk"])
    row.get_by_role("button", name="Remove mobilenet_v2_trunk/features.14").click()
    field(page, "network").get_by_role("button", name="Remove mobilenet_v2_trunk").click()
    expect(page.locator(".cm-line", has_text="network: squeezenet1_1")).to_be_visible()
    field(page, "network").get_by_role("button", name="Another network").click()
    expect(field(page, "network").locator("select")).to_have_count(2)
    expect(page.locator(".cm-line", has_text="networks: [squeezenet1_1, ")).to_be_visible()


def test_a_walk_is_changed(go: Go, workspace: Path) -> None:
    page = open_preset(go, workspace, "walk", WALK)
    row = field(page, "dream.layers")
    expect(row.locator(".chip")).to_have_text(["flowers", "birds"])
    row.get_by_role("button", name="Remove flowers").click()
    expect(row.locator(".chip")).to_have_text(["birds"])
    row.get_by_role("button", name="Add", exact=True).click()
    page.locator(".pick[data-name=mushrooms]").click()
    expect(row.locator(".chip")).to_have_text(["birds", "mushrooms"])
    row.get_by_label("Alone for").fill("2s")
    row.get_by_label("Alone for").press("Tab")
    expect(page.locator(".editor")).to_contain_text("hold: 2s")
    row.get_by_label("Next").select_option("far")
    expect(page.locator(".editor")).to_contain_text("distance: far")
    row.get_by_role("button", name="Add what is dreamed all along").click()
    page.locator(".pick[data-name=fire6]").click()
    expect(row.get_by_label("Weight of fire6")).to_have_value("0.3")
    assert "# a garden" in preset_text(page)
    expect(page.locator(".problems")).to_contain_text("No mistakes")

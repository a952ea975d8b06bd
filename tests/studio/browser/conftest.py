"""One studio and one browser for a module's tests of the page.

No longer than that: playwright keeps an event loop in the thread, and other tests see what processes are left.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, ViewportSize, expect, sync_playwright

from tests.support.studio_page import CHROMIUM, TINY, open_studio

PATIENCE = 20_000
"""Milliseconds that the slowest machine may take for one thing."""

expect.set_options(timeout=PATIENCE)

WINDOW = ViewportSize(width=1280, height=720)

OpenPage = Callable[..., Page]
Go = Callable[[str], Page]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """They have a command of their own: beside other tests a page takes too long to settle."""
    for item in items:
        if item.path.is_relative_to(Path(__file__).parent):
            item.add_marker("browser")


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """Debian's chromium, without a window."""
    if CHROMIUM is None:
        pytest.skip("the studio's page is not tested: chromium is missing (apt-get install chromium)")
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox", "--disable-gpu"])
        yield chromium
        chromium.close()


@pytest.fixture(scope="module")
def workspace(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The studio's folder."""
    return tmp_path_factory.mktemp("studio")


@pytest.fixture(scope="module")
def address(workspace: Path, browser: Browser) -> Iterator[str]:
    """Where the studio is, with its token."""
    with open_studio(workspace) as url:
        yield url


@contextmanager
def new_context(browser: Browser) -> Iterator[BrowserContext]:
    """A browser as somebody has it who never was here. What its pages complain of fails the test."""
    complaints: list[str] = []
    context = browser.new_context(viewport=WINDOW, reduced_motion="reduce")
    context.set_default_timeout(PATIENCE)
    context.on("weberror", lambda error: complaints.append(str(error.error)))
    context.on("console", lambda message: complaints.append(message.text) if _is_refusal(message.text) else None)
    yield context
    context.close()
    assert not complaints


def _is_refusal(text: str) -> bool:
    """Whether the Content-Security-Policy refused something."""
    return "Content Security Policy" in text or "Content-Security-Policy" in text


def compute_nothing(context: BrowserContext) -> None:
    """Previews are refused in this browser, whose tests look at other things than pictures."""
    context.route("**/api/previews", lambda route: route.fulfill(status=503, json={"message": "not now"}))


@pytest.fixture
def context(browser: Browser) -> Iterator[BrowserContext]:
    """A browser of this test's own."""
    with new_context(browser) as context:
        yield context


@pytest.fixture(scope="module")
def shared_page(browser: Browser, address: str) -> Iterator[Page]:
    """A page that many tests use, one after the other, and that computes no previews: opening one takes its time."""
    with new_context(browser) as context:
        compute_nothing(context)
        page = context.new_page()
        page.goto(address)
        yield page


@pytest.fixture
def go(shared_page: Page) -> Go:
    """Goes to a place on the shared page."""

    def to(place: str) -> Page:
        shared_page.evaluate("(place) => { location.hash = place; }", place)
        return shared_page

    return to


@pytest.fixture
def open_page(context: BrowserContext, address: str) -> OpenPage:
    """Opens the studio's page at a place, such as `#/jobs`, in a new tab."""

    def open_at(place: str = "") -> Page:
        page = context.new_page()
        page.goto(f"{address}{place}")
        page.wait_for_selector(".places")
        return page

    return open_at


@pytest.fixture
def no_previews(context: BrowserContext) -> None:
    """The test's own browser computes no previews."""
    compute_nothing(context)


@pytest.fixture
def tiny(workspace: Path, request: pytest.FixtureRequest) -> str:
    """The name of a tiny preset of this test's own."""
    name = f"{request.node.name.replace('_', '-')[:60]}.yaml"
    (workspace / name).write_text(TINY, encoding="utf-8")
    return name

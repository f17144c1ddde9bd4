"""Fixtures of the browser tests: Chromium, a live application, and people who watch for faults."""

from __future__ import annotations

import os
import re
import shutil
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import expect, sync_playwright

import config
from crm.core.db import Database
from tests.conftest import Browser as Signer
from tests.support import builders, live

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from datetime import datetime

    from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, Request, Response

    from tests.support.live import Live

BROWSERS = ("chromium", "chromium-browser", "google-chrome")
FLAGS = ("--no-sandbox", "--disable-dev-shm-usage", "--disable-gpu", "--disable-background-networking")
DESKTOP, PHONE = {"width": 1440, "height": 900}, {"width": 390, "height": 844}
TELEPHONE = {"viewport": PHONE, "has_touch": True, "is_mobile": True, "device_scale_factor": 2}
RESULTS = Path(__file__).parents[2] / "test-results"
PATIENCE, LOADING = 15_000, 45_000  # ms; a page that is opened while others work may take its time
REFUSALS = frozenset({409, 422})
STATUS_NOTE = "Failed to load resource: the server responded with a status of "
BLOCKED = "Service Worker registration blocked by Playwright"
OUTCOME = pytest.StashKey[bool]()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Any:
    """Remember whether a test failed, for the screenshots."""
    report = yield
    if report.failed:
        item.stash[OUTCOME] = True
    return report


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    """Return a running headless Chromium of the system."""
    found = next(filter(None, map(shutil.which, BROWSERS)), None)
    if found is None:
        words = f"no browser found ({', '.join(BROWSERS)}): install chromium to run the browser tests"
        pytest.fail(words) if os.environ.get("CI") == "true" else pytest.skip(words)
    expect.set_options(timeout=PATIENCE)
    with sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=found, args=list(FLAGS))
        yield browser
        browser.close()


@dataclass
class Faults:
    """What went wrong in the pages of a test, whether or not the test looked."""

    seen: list[str] = field(default_factory=list)
    allowed: set[int] = field(default_factory=lambda: set(REFUSALS))

    def watch(self, context: BrowserContext) -> None:
        """Listen to everything the pages of a browser window say and fetch."""
        context.on("console", self._console)
        context.on("weberror", lambda error: self.seen.append(f"page error: {error.error}"))
        context.on("request", self._request)
        context.on("response", self._response)
        context.on("requestfailed", self._lost)

    def _console(self, message: ConsoleMessage) -> None:
        # Answers of 4xx and 5xx are judged by their status below; it is us who block the workers of pages.
        if message.type in {"error", "warning"} and not message.text.startswith((STATUS_NOTE, BLOCKED)):
            self.seen.append(f"console {message.type}: {message.text}")

    def _request(self, request: Request) -> None:
        address = urlsplit(request.url)
        if address.scheme in {"http", "https"} and address.hostname != "127.0.0.1":
            self.seen.append(f"left this machine: {request.url}")

    def _response(self, response: Response) -> None:
        if response.status >= 400 and response.status not in self.allowed:
            self.seen.append(f"{response.status} {response.request.method} {response.url}")

    def _lost(self, request: Request) -> None:
        # A page that is left, or turns into a download, gives up what it was fetching.
        if request.failure != "net::ERR_ABORTED":
            self.seen.append(f"no answer: {request.url} {request.failure}")


class People:
    """Opens browser windows of people who are signed in, and keeps them for the screenshots."""

    def __init__(self, chromium: Browser, place: Live, faults: Faults, stack: ExitStack) -> None:
        """Remember where the application is."""
        self._chromium, self._live, self._faults, self._stack = chromium, place, faults, stack
        self.pages: list[Page] = []

    def visitor(self, **options: Any) -> Page:
        """Open a window of somebody who is not signed in; options as of a browser context."""
        settings = {"locale": "zh-CN", "timezone_id": "Asia/Shanghai", "viewport": DESKTOP, "reduced_motion": "reduce"}
        settings["service_workers"] = "block"  # only tests of what works without a network ask for them
        context = self._chromium.new_context(base_url=self._live.url, **{**settings, **options})
        self._stack.callback(context.close)
        context.set_default_timeout(PATIENCE)
        context.set_default_navigation_timeout(LOADING)
        self._faults.watch(context)
        page = context.new_page()
        self.pages.append(page)
        return page

    def enter(self, username: str, *, phone: bool = False, **options: Any) -> Page:
        """Open a window of a person who is signed in."""
        page = self._window(phone=phone, options=options)
        person = Signer(self._live.app.test_client()).sign_in(username)
        cookie = person.client.get_cookie(self._live.app.config["SESSION_COOKIE_NAME"])
        assert cookie is not None
        page.context.add_cookies([{"name": cookie.key, "value": cookie.value, "url": self._live.url}])
        return self._at_home(page, lambda: page.goto("/"))

    def sign_in(self, username: str, *, phone: bool = False, **options: Any) -> Page:
        """Open a window of a person and sign in through the form."""
        page = self._window(phone=phone, options=options)
        page.goto("/login")
        page.locator("input[name=username]").fill(username)
        page.locator("input[name=password]").fill(builders.PASSWORD)
        return self._at_home(page, page.locator("main button[type=submit]").click)

    def _window(self, *, phone: bool, options: dict[str, Any]) -> Page:
        return self.visitor(**{**(TELEPHONE if phone else {}), **options})

    def _at_home(self, page: Page, go: Callable[[], object]) -> Page:
        go()
        expect(page).to_have_url(re.compile(r"127\.0\.0\.1:\d+/$"))
        page.wait_for_load_state("load")
        return page


@pytest.fixture
def faults() -> Faults:
    """Return the list of faults; a test may allow further statuses."""
    return Faults()


@pytest.fixture
def gather(request: pytest.FixtureRequest, chromium: Browser, faults: Faults) -> Iterator[Callable[[Live], People]]:
    """Return a maker of people for an application; faults and screenshots are settled at the end.

    The application has to be a fixture set up before this one: windows close before what they talk to.
    """
    with ExitStack() as stack:
        made: list[People] = []

        def maker(place: Live) -> People:
            made.append(People(chromium, place, faults, stack))
            return made[-1]

        yield maker
        if request.node.stash.get(OUTCOME, False) or faults.seen:
            _photograph(request.node.name, [page for people in made for page in people.pages])
    assert not faults.seen, "\n".join(faults.seen)


def _photograph(name: str, pages: list[Page]) -> None:
    RESULTS.mkdir(exist_ok=True)
    for number, page in enumerate(pages, start=1):
        page.screenshot(path=RESULTS / f"{re.sub(r'[^0-9A-Za-z_]+', '-', name)[:80]}-{number}.png", full_page=True)


@contextmanager
def running(
    database: Database, folder: Path, now: datetime = builders.NOW, settings: Mapping[str, str] | None = None
) -> Iterator[Live]:
    """Run the application on a database; sessions outlast the days of a test."""
    environment = {
        "YINFENG_DATA": str(folder),
        "DATABASE_URL": database.engine.url.render_as_string(hide_password=False),
        "SECRET_KEY": "k" * 48,
        "YINFENG_SESSION_IDLE_MINUTES": "1440",
        "YINFENG_SESSION_HOURS": "72",
        **(settings or {}),
    }
    with live.serve(config.load(environment), database, now) as place:
        yield place


@contextmanager
def running_on_a_file(template: Path, folder: Path) -> Iterator[Live]:
    """Run the application on a SQLite file of its own."""
    path = folder / "live.db"
    shutil.copyfile(template, path)
    database = Database(f"sqlite:///{path}")
    with running(database, folder / "data") as place:
        yield place
    database.dispose()

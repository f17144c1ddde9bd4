"""What a phone pays for the pages it opens all day: bytes and requests, layout shift, time on a slow line.

Run ``python -m benchmarks.phone`` (headless Chromium needed). The demonstration office is loaded into a throw-away
folder; bytes are what travels, compressed, headers included, as the browser and the line each count them. A first load
has an empty cache, a second one what the first left there. The exit code is 1 when a target is missed.
"""

from __future__ import annotations

import re
import shutil
import sys
import tempfile
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from playwright.sync_api import ViewportSize, sync_playwright

import config
from crm.cli import demo
from crm.cli.database import migrate
from crm.core import clock, vault
from crm.core.db import Database
from tests.browser.conftest import BROWSERS, FLAGS, PHONE
from tests.support.line import Line
from tests.support.live import serve

if TYPE_CHECKING:
    from collections.abc import Iterator

    from playwright.sync_api import Browser, BrowserContext, Page

WHO = "xujiahe"
PAGES = (("my day", "/"), ("log a visit", "/visits/new"), ("visits", "/visits"), ("one visit", "/visits/1"))
FIRST, SECOND = 200_000, 30_000
LATENCY = 400
SETTLED = 1_500
SHIFTS = """
window.shifted = 0;
new PerformanceObserver((list) => {
  for (const entry of list.getEntries()) if (!entry.hadRecentInput) window.shifted += entry.value;
}).observe({ type: "layout-shift", buffered: true });
"""
TIMES = """() => {
  const [load] = performance.getEntriesByType("navigation");
  const paint = performance.getEntriesByName("first-contentful-paint")[0];
  return [load.responseStart, paint ? paint.startTime : 0, load.loadEventEnd].map(Math.round);
}"""


@dataclass
class Load:
    """One load of a page: what travelled, what moved after it was there, when it was there."""

    bytes: int = 0
    requests: int = 0
    shift: float = 0
    times: list[int] = field(default_factory=list)

    def __str__(self) -> str:
        """Write one line."""
        first, painted, done = self.times
        times = f"first byte {first} ms, painted {painted} ms, loaded {done} ms"
        return f"{self.bytes / 1000:7.1f} kB in {self.requests:2} requests, shift {self.shift:.3f}, {times}"


@contextmanager
def office(folder: str) -> Iterator[tuple[Line, str]]:
    """Serve the demonstration office; give the line to it and the password."""
    settings = config.load({"YINFENG_DATA": folder})
    vault.use(settings.data_key)
    database = Database(settings.database_url)
    migrate(database)
    now = clock.now()
    with database.transaction() as session:
        password = demo.load(session, now=now, site="http://127.0.0.1:1").password
    with serve(settings, database, now) as live:
        live.drain()
        line = Line(live.url)
        yield line, password
        line.close()
    database.dispose()


def sign_in(browser: Browser, line: Line, password: str) -> Any:  # noqa: ANN401 (Playwright's own shape)
    """Sign in and return the cookies, so that a window with an empty cache is signed in as well."""
    context = browser.new_context(base_url=line.url, service_workers="block")
    page = context.new_page()
    page.goto("/login")
    page.fill("#username", WHO)
    page.fill("#password", password)
    page.click("main button[type=submit]")
    page.wait_for_url(f"{line.url}/")
    cookies = context.storage_state()
    context.close()
    return cookies


def phone(browser: Browser, line: Line, cookies: Any) -> BrowserContext:  # noqa: ANN401 (Playwright's own shape)
    """Open a phone of that person with nothing in its cache."""
    context = browser.new_context(
        base_url=line.url,
        storage_state=cookies,
        viewport=ViewportSize(width=PHONE["width"], height=PHONE["height"]),
        is_mobile=True,
        has_touch=True,
        device_scale_factor=2,
        locale="zh-CN",
        timezone_id="Asia/Shanghai",
    )
    context.add_init_script(SHIFTS)
    return context


def load(page: Page, path: str) -> Load:
    """Open a page and count; what the service worker fetched for it is counted on the line."""
    found = Load()
    wire = page.context.new_cdp_session(page)
    wire.send("Network.enable")
    local: set[str] = set()
    wire.on("Network.requestServedFromCache", lambda event: local.add(event["requestId"]))

    def finished(event: dict[str, Any]) -> None:
        if event["requestId"] not in local and event["encodedDataLength"] > 0:
            found.bytes += int(event["encodedDataLength"])
            found.requests += 1

    wire.on("Network.loadingFinished", finished)
    page.goto(path)
    page.wait_for_timeout(SETTLED)
    found.shift = float(page.evaluate("window.shifted"))
    found.times = list(page.evaluate(TIMES))
    wire.detach()
    return found


def measure(browser: Browser, line: Line, cookies: Any) -> list[str]:  # noqa: ANN401 (Playwright's own shape)
    """Print the figures of every page; return what misses its target."""
    missed = []
    for name, path in PAGES:
        context = phone(browser, line, cookies)
        before = line.carried
        page = context.new_page()
        first, all_first = load(page, path), line.carried - before
        second, all_second = load(page, path), line.carried - before - all_first
        line.delay = LATENCY / 1000
        slow = load(page, path)
        line.delay = 0.0
        print(f"{name} ({path})")
        print(f"  first   {first}")
        print(f"  second  {second}")
        print(f"  +{LATENCY} ms {slow}")
        print(f"  with what the service worker fetches: {all_first / 1000:.1f} kB, then {all_second / 1000:.1f} kB")
        missed += [f"{name}: layout shifts by {one.shift:.3f}" for one in (first, second, slow) if one.shift > 0]
        if all_first > FIRST or all_second > SECOND:
            missed.append(f"{name}: {all_first} bytes first, {all_second} second; at most {FIRST} and {SECOND}")
        context.close()
    return missed


def work(browser: Browser, line: Line, cookies: Any) -> None:  # noqa: ANN401 (Playwright's own shape)
    """Log a visit on a line on which every answer comes late."""
    context = phone(browser, line, cookies)
    page = context.new_page()
    line.delay = LATENCY / 1000
    page.goto("/visits/new")
    page.locator("[name=enterprise_id] + span").first.tap()
    page.locator("#summary").fill("线路很慢也记得下来。")
    page.get_by_role("button", name="保存走访").tap()
    page.wait_for_url(re.compile(r"/visits/\d+$"))
    print(f"a visit was logged with {LATENCY} ms added latency: {page.title()}")
    context.close()


def main() -> None:
    """Load, measure, print."""
    found = next(filter(None, map(shutil.which, BROWSERS)), None)
    if found is None:
        sys.exit("no Chromium found: apt install chromium fonts-noto-cjk")
    with tempfile.TemporaryDirectory() as folder, office(folder) as (line, password), sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=str(Path(found)), args=list(FLAGS))
        cookies = sign_in(browser, line, password)
        missed = measure(browser, line, cookies)
        work(browser, line, cookies)
        browser.close()
    sys.exit("missed: " + "; ".join(missed) if missed else 0)


if __name__ == "__main__":
    main()

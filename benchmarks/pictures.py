"""Make the pictures of the README and the documentation from the demonstration office.

Run ``make pictures`` (headless Chromium needed). The demonstration is loaded into a throw-away
folder, its news site is crawled, and the pages are taken as an officer, the 招商办 and a leader see them.
"""

from __future__ import annotations

import dataclasses
import shutil
import socket
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.error import URLError
from urllib.request import urlopen

from playwright.sync_api import sync_playwright

import config
from crm.cli import demo
from crm.cli.database import migrate
from crm.core import clock, vault
from crm.core.db import Database
from tests.browser.conftest import BROWSERS, FLAGS
from tests.support.live import serve
from tests.support.waiting import wait_until

if TYPE_CHECKING:
    from playwright.sync_api import Browser, ViewportSize

OUT = Path(__file__).resolve().parents[1] / "docs" / "img"
DESKTOP: ViewportSize = {"width": 1440, "height": 900}
PHONE: ViewportSize = {"width": 390, "height": 844}
SHOTS = (
    ("chenyutong", "board", "/projects", DESKTOP),
    ("chenyutong", "enterprise", "/enterprises/1", DESKTOP),
    ("chenyutong", "signals", "/signals", DESKTOP),
    ("chenyutong", "campaign", "/campaigns/1", DESKTOP),
    ("chenyutong", "funnel", "/reports/funnel", DESKTOP),
    ("xujiahe", "day-phone", "/", PHONE),
    ("xujiahe", "visit-phone", "/visits/new", PHONE),
)


def free_port() -> int:
    """Return a port nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def answers(url: str) -> bool:
    """Whether something answers at an address."""
    try:
        urlopen(url, timeout=1).close()  # noqa: S310 (our own loopback site)
    except URLError:
        return False
    return True


def take(browser: Browser, base: str, password: str) -> None:
    """Sign in as each person and keep one picture a page."""
    for username, name, path, size in SHOTS:
        context = browser.new_context(viewport=size, locale="zh-CN", timezone_id="Asia/Shanghai")
        page = context.new_page()
        page.goto(f"{base}/login")
        page.fill("#username", username)
        page.fill("#password", password)
        page.click("main button[type=submit]")
        answer = page.goto(base + path)
        if answer is None or not answer.ok:
            sys.exit(f"{path} does not open")
        page.wait_for_load_state("networkidle")
        page.screenshot(path=OUT / f"{name}.png")
        context.close()
        print(f"docs/img/{name}.png")


def main() -> None:
    """Load, crawl, take the pictures."""
    found = next(filter(None, map(shutil.which, BROWSERS)), None)
    if found is None:
        sys.exit("no Chromium found: apt install chromium fonts-noto-cjk")
    OUT.mkdir(parents=True, exist_ok=True)
    port = free_port()
    site = f"http://127.0.0.1:{port}"
    with tempfile.TemporaryDirectory() as folder:
        settings = config.load({"YINFENG_DATA": folder})
        settings = dataclasses.replace(settings, crawl_allow=(f"127.0.0.1:{port}",))
        vault.use(settings.data_key)
        database = Database(settings.database_url)
        migrate(database)
        now = clock.now()
        with database.transaction() as session:
            password = demo.load(session, now=now, site=site).password
        news = subprocess.Popen([sys.executable, "-m", "crm.cli.demosite", "--port", str(port)])  # noqa: S603 (our own module)
        try:
            wait_until(lambda: answers(site), 20)
            with serve(settings, database, now) as live, sync_playwright() as playwright:
                live.drain()
                browser = playwright.chromium.launch(executable_path=found, args=list(FLAGS))
                take(browser, live.url, password)
                browser.close()
        finally:
            news.terminate()
            news.wait()
        database.dispose()


if __name__ == "__main__":
    main()

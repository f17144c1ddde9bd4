"""Crawl saved news pages through the whole road and print what became of them.

    python -m benchmarks.crawl [PAGES] [--names entities_master.csv] [--gbk 5]
    python -m benchmarks.crawl [PAGES] --rate [--size 2000] [--rounds 3]

Starts the newsroom on a free port and crawls it by list, feed and sitemap through the
``crawl`` command: spider, tasks, extraction, stories, signals, scores. Every kind of source
gets a throw-away data folder of its own, so that none finds the others' articles. With ``--rate`` the processor time of
crawling, extracting and storing is compared with that of fetching the same pages with bare Scrapy.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from benchmarks import rate
from benchmarks.newsroom import DEFAULT

ROOT = Path(__file__).resolve().parents[1]
NAMES = DEFAULT.parent / "enterprises" / "entities_master.csv"
KINDS = {
    "list": ("/list/1", ["--link-css", "ul.news a", "--next-css", "a.next"]),
    "rss": ("/rss.xml", []),
    "sitemap": ("/sitemap_index.xml", []),
}
LIMITS = ["--delay", "0", "--max-pages", "1000", "--max-items", "1000"]


def flask(folder: Path, *words: str) -> subprocess.CompletedProcess[str]:
    """Run one command of the service with a data folder of its own."""
    environment = {**os.environ, "YINFENG_DATA": str(folder)}
    for name in ("DATABASE_URL", "REDIS_URL"):
        environment.pop(name, None)
    command = [sys.executable, "-m", "flask", "--app", "wsgi", *words]
    return subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)  # noqa: S603 (our own commands)


def measure(folder: Path, kind: str, site: str, names: Path) -> dict[str, Any]:
    """Crawl one kind of source into a fresh database."""
    folder.mkdir()
    flask(folder, "db", "upgrade")
    if names.exists():
        flask(folder, "enterprises", "import", str(names), "--list", "目标企业", "--edition", "2025")
    path, options = KINDS[kind]
    begun = time.monotonic()
    done = flask(
        folder, "crawl", "--source", kind, "--url", site + path, "--kind", kind,
        "--allow", site.removeprefix("http://"), *LIMITS, *options, "--json",
    )  # fmt: skip
    seconds = time.monotonic() - begun
    if not done.stdout.strip():
        sys.exit(f"{kind}: {done.stderr}")
    row: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])["runs"][0]
    return {**row, "exit": done.returncode, "seconds": round(seconds, 1)}


def main() -> None:
    """Measure all three kinds and print one line each."""
    parser = argparse.ArgumentParser(description="Crawl saved news pages through the whole road.")
    parser.add_argument("pages", nargs="?", type=Path, default=DEFAULT)
    parser.add_argument("--names", type=Path, default=NAMES)
    parser.add_argument("--gbk", type=int, default=5, metavar="N", help="re-encode every N-th page to GB18030")
    parser.add_argument("--rate", action="store_true", help="compare with the bare fetch rate of Scrapy")
    parser.add_argument("--size", type=int, default=2000, help="pages of the site for --rate")
    parser.add_argument("--rounds", type=int, default=3, help="rounds of --rate")
    given = parser.parse_args()
    if given.rate:
        rate.main(given.pages, given.size, given.rounds)
        return
    command = [sys.executable, "-m", "benchmarks.newsroom", str(given.pages), "--gbk", str(given.gbk)]
    with tempfile.TemporaryDirectory() as folder, subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE) as room:  # noqa: S603 (our own module)
        try:
            line = room.stdout.readline() if room.stdout else b""
            site = line.decode().strip().rstrip("/")
            if not site:
                return
            for kind in KINDS:
                show(kind, measure(Path(folder) / kind, kind, site, given.names))
        finally:
            room.terminate()
    peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss // 1024
    print(f"peak memory of any process: {peak} MB")


def show(kind: str, row: dict[str, Any]) -> None:
    """Print the figures of one crawl."""
    reasons = ", ".join(f"{key} {number}" for key, number in row["failures"].items()) or "none"
    print(
        f"{kind:8} fetched {row['fetched']}, stored {row['stored']}, known {row['known']}, failed {row['failed']} "
        f"({reasons}), signals {row['signals']}; crawl {row['crawl_seconds']} s, whole road {row['seconds']} s, "
        f"spider {(row['crawl_memory_kb'] or 0) // 1024} MB, state {row['state']}, exit {row['exit']}",
        flush=True,
    )


if __name__ == "__main__":
    main()

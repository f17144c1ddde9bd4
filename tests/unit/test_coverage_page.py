from __future__ import annotations

import re
from pathlib import Path

import config

PAGE = (config.ROOT / "docs/coverage.md").read_text(encoding="utf-8")


def test_every_test_the_page_names_exists() -> None:
    named = re.findall(r"`(tests/[^`]+)`", PAGE)
    assert named
    assert [path for path in named if not (config.ROOT / Path(path)).is_file()] == []


def test_every_row_names_a_page_or_a_command_and_a_test() -> None:
    rows = [line.split("|") for line in PAGE.splitlines() if re.match(r"\| \d+ \|", line)]
    assert [int(row[1]) for row in rows] == sorted({int(row[1]) for row in rows})
    assert all("`" in row[3] and "`tests/" in row[4] for row in rows)

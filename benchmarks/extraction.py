"""Measure extraction against gold pages kept outside the repository.

    python -m benchmarks.extraction [--shared ../shared] [--errors 0]

Prints body, title, time and source with bootstrap intervals, the same articles told in the layouts of
``tests/fixtures``, the written moments with their cost, the charsets, and the cost of an extraction in multiples of an
lxml parse of the same pages in the same run (processor time). Prints a message and succeeds without the pages.
"""

from __future__ import annotations

import argparse
import json
import random
import statistics
import sys
import time
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from lxml import html
from opencc import OpenCC

from benchmarks.pagescore import Score, interval, judge, rows
from benchmarks.pagestrip import STEPS, stripped
from crm.news.dates import find_moment
from crm.news.decode import decode
from crm.news.extract import CHINA, extract
from tests.support.layouts import DAY_ONLY, FIRST_PARAGRAPH, LAYOUTS, NO_SOURCE, Story, filled

if TYPE_CHECKING:
    from collections.abc import Iterator

    from crm.news.extract import Extracted

PRESENT = datetime(2026, 11, 26, 20, 0, tzinfo=CHINA)
ROUNDS = 5
PER_LAYOUT = 12
DECLARED = ("", "gb2312", "gbk", "utf-8", "big5", "iso-8859-1")


@dataclass(frozen=True)
class Saved:
    """A page as stored, decoded, and what is right."""

    gold: dict[str, Any]
    text: str


def written(found: Extracted) -> str | None:
    """Give the moment in the form of the command's output."""
    if found.published_at is None:
        return None
    moment = found.published_at.astimezone(CHINA)
    return moment.isoformat() if found.has_time else moment.date().isoformat()


def scored(gold: dict[str, Any], found: Extracted) -> Score:
    """Judge what was taken out of a page."""
    return judge(gold, title=found.title, published=written(found), source=found.publisher, text=found.body)


def pages(folder: Path) -> list[Saved]:
    """Read the gold pages that have a body."""
    lines = (folder / "gold.jsonl").read_text(encoding="utf-8").splitlines()
    gold = [row for row in map(json.loads, lines) if row.get("body")]
    return [Saved(row, decode((folder / row["file"]).read_bytes()).text) for row in gold]


def cost(saved: list[Saved]) -> None:
    """Print what an extraction costs in lxml parses, page by page in turn, so that other work disturbs both alike."""
    ratios, parse, whole = [], 0.0, 0.0
    for _ in range(ROUNDS):
        parsed = extracted = 0.0
        for page in saved:
            started = time.process_time()
            html.document_fromstring(page.text)
            between = time.process_time()
            extract(page.text, "", base_time=PRESENT)
            parsed, extracted = parsed + between - started, extracted + time.process_time() - between
        ratios.append(extracted / parsed)
        parse, whole = parsed / len(saved) * 1000, extracted / len(saved) * 1000
    print(
        f"cost: {statistics.median(ratios):.1f} lxml parses ({min(ratios):.1f} to {max(ratios):.1f} in {ROUNDS} rounds)"
    )
    print(f"      last round: parse {parse:.2f} ms, extraction {whole:.2f} ms a page")


def show(name: str, scores: list[Score]) -> None:
    """Print the figures of a set of pages."""
    print(f"{name}: {len(scores)} pages")
    for label, values, middle in rows(scores):
        low, high = interval(values, middle)
        print(f"  {label:<28}{middle(values):7.3f}   [{low:.3f}, {high:.3f}]  n={len(values)}")


def retold(saved: list[Saved]) -> Iterator[tuple[str, Score]]:
    """Tell the articles of the gold pages in old and odd layouts, and extract them again."""
    chance = random.Random(7)  # noqa: S311 - not a secret
    told = [page.gold for page in saved if page.gold.get("title")]
    for layout in LAYOUTS:
        for gold in chance.sample(told, min(PER_LAYOUT, len(told))):
            paragraphs = tuple(line.strip() for line in gold["body"].split("\n") if line.strip())
            when = datetime(
                chance.randrange(2003, 2026), chance.randrange(1, 13), chance.randrange(1, 29), 7, 15, tzinfo=CHINA
            )
            others = tuple(other["title"] for other in chance.sample(told, 5))
            story = Story(gold["title"], paragraphs, when, "临江日报", others)
            kept = paragraphs[:1] if layout in FIRST_PARAGRAPH else paragraphs
            right = {
                "title": story.title,
                "body": "\n".join(kept),
                "publish_time": f"{when:%Y-%m-%d}" if layout in DAY_ONLY else f"{when:%Y-%m-%d %H:%M}",
                "source": "" if layout in NO_SOURCE else story.source,
            }
            yield layout, scored(right, extract(filled(layout, story), "", base_time=PRESENT))


def laid_bare(saved: list[Saved]) -> None:
    """Print how much the pages lose with the markup that helps to read them."""
    for label, steps in STEPS:
        scores = [scored(page.gold, extract(stripped(page.text, steps), "", base_time=PRESENT)) for page in saved]
        told = {name: middle(values) for name, values, middle in rows(scores)}
        shown = ("body F1", "pages with F1 >= .9", "title exact", "same day", "same minute", "source name")
        print(f"  {label:<46}" + ", ".join(f"{name} {told[name]:.3f}" for name in shown))


def moments(folder: Path) -> None:
    """Print how many written moments are read right, and what one costs."""
    cases = [json.loads(line) for line in (folder / "dates.jsonl").read_text(encoding="utf-8").splitlines()]
    right, slowest, total = 0, 0.0, 0.0
    for case in cases:
        base = datetime.fromisoformat(case["ref"])
        found = find_moment(case["text"], base=base, tz=CHINA)
        form = "%Y-%m-%d %H:%M" if found and found.has_time else "%Y-%m-%d"
        right += (f"{found.when.astimezone(CHINA):{form}}" if found else None) == case["expect"]
        started = time.process_time()
        for _ in range(200):
            find_moment(case["text"], base=base, tz=CHINA)
        cost = (time.process_time() - started) / 200 * 1e6
        slowest, total = max(slowest, cost), total + cost
    print(f"written moments: {right} of {len(cases)} right, {total / len(cases):.0f} µs each, slowest {slowest:.0f} µs")


def charsets(folder: Path, saved: list[Saved]) -> None:
    """Print how many pages are read right as stored, and re-encoded with every declaration (right and wrong)."""
    stored = 0
    for page in saved:
        raw = (folder / page.gold["file"]).read_bytes()
        wanted = raw.decode("utf-8" if page.gold["encoding"] == "utf-8" else "gb18030", "replace").lstrip("\ufeff")
        stored += decode(raw, page.gold.get("declared_charset")).text == wanted
    print(f"charset as stored: {stored} of {len(saved)}")
    traditional = OpenCC("s2t")
    for charset in ("gbk", "gb18030", "big5", "utf-8"):
        right = count = 0
        for page in saved[::5]:
            body = traditional.convert(page.gold["body"]) if charset == "big5" else page.gold["body"]
            body = body.encode(charset, "ignore").decode(charset)
            for declared in DECLARED:
                raw = f'<html><head><meta charset="{declared}"></head><body>{body}</body></html>'.encode(charset)
                right += body in decode(raw, declared or None).text
                count += 1
        print(f"charset {charset:<8} declared right, wrong or not at all: {right} of {count}")


def main() -> int:
    """Run all measurements."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--shared", type=Path, default=Path("../shared"))
    parser.add_argument("--errors", type=int, default=0)
    options = parser.parse_args()
    folder = options.shared / "data/newspages"
    if not (folder / "gold.jsonl").exists():
        print(f"No gold pages at {folder}: nothing measured.")
        return 0
    saved = pages(folder)
    scores = [scored(page.gold, extract(page.text, page.gold.get("url") or "", base_time=PRESENT)) for page in saved]
    show("gold pages", scores)
    public = [score for score, page in zip(scores, saved, strict=True) if 'id="js_content"' in page.text]
    print(f"  pages of public accounts (WeChat): body {[round(score.f1, 3) for score in public]}")
    worst = sorted(zip(scores, saved, strict=True), key=lambda pair: pair[0].f1)[: options.errors]
    for score, page in worst:
        print(f"    {page.gold['id']} body {score.f1:.2f} title {score.title} day {score.day} source {score.source}")
    print("the gold pages")
    laid_bare(saved)
    again = list(retold(saved))
    show("the same articles in other layouts", [score for _, score in again])
    for layout in LAYOUTS:
        weakest = min(score.f1 for name, score in again if name == layout)
        print(f"  {layout:<20} weakest body {weakest:.3f}")
    moments(folder)
    charsets(folder, saved)
    cost(saved)
    return 0


if __name__ == "__main__":
    sys.exit(main())

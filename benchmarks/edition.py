"""A large site made of a few pages: every page is another one, and some name an invented firm that invests.

The pages are real ones when a folder of them is there, else invented ones. Each copy carries a sentence of its own in
the middle of its text; every tenth sentence speaks of a firm and is owed a signal.
"""

from __future__ import annotations

import itertools
import json
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from benchmarks.invented import FIRST, PLACES, SECOND, TRADES
from crm.news.decode import decode

if TYPE_CHECKING:
    from pathlib import Path

PER_LIST = 100
EVERY = 10
FIRST_NUMBER = 100_000
MARK = 14
FEWEST_BODY = 200
OWED = "{firm}昨日公告，公司拟投资{sum}亿元在临江县新建生产基地，项目占地{area}亩。"
ORDINARY = "记者第{number}次走访时看到，第{number}号展台前人流不断，讲解员介绍了当天的安排。"
SENTENCES = (
    "会议听取了有关单位的汇报，对下一阶段的工作作了安排。",
    "据介绍，这里的生产线已经连续运行了三百多天，产品销往十多个省市。",
    "参观者在展台前停留，询问设备的价格和交货时间。",
    "当地有关负责人表示，将继续完善配套，把服务送到企业门口。",
    "多位业内人士认为，行业正在从规模扩张转向质量提升。",
    "下午的论坛上，来自各地的代表围绕用工、物流和用能成本展开了讨论。",
)


def address(page: int) -> str:
    """Give where a page stands; numbers of articles are long, those of their parts short."""
    return f"/page/{FIRST_NUMBER + page}.html"


@dataclass(frozen=True, slots=True)
class Base:
    """A page cut where the sentence of a copy belongs."""

    before: bytes
    after: bytes
    encoding: str


@dataclass(frozen=True)
class Edition:
    """The site: list pages of a hundred links, and the pages they lead to."""

    bases: tuple[Base, ...]
    size: int

    @cached_property
    def firms(self) -> dict[int, str]:
        """The firm that a page speaks of, by number of the page."""
        names = itertools.product(PLACES, FIRST, SECOND, TRADES)
        made = (f"{place}{first}{second}{trade}股份有限公司" for place, first, second, trade in names)
        return dict(zip(range(0, self.size, EVERY), made, strict=False))

    def answer(self, path: str, _site: str) -> tuple[str, bytes] | None:
        """Give content type and bytes of an address, None when there is no such page."""
        name, _, rest = path.strip("/").removesuffix(".html").partition("/")
        number = int(rest) if rest.isdecimal() else -1
        if name == "list" and number > 0:
            return "text/html", self.listing(number)
        page = number - FIRST_NUMBER
        return ("text/html", self.page(page)) if name == "page" and 0 <= page < self.size else None

    def page(self, number: int) -> bytes:
        """Give one page, with its sentence."""
        base = self.bases[number % len(self.bases)]
        firm = self.firms.get(number)
        words = (
            OWED.format(firm=firm, sum=number % 89 + 2, area=number % 400 + 60)
            if firm
            else ORDINARY.format(number=number)
        )
        return base.before + words.encode(base.encoding) + base.after

    def listing(self, number: int) -> bytes:
        """Give one list page."""
        shown = range((number - 1) * PER_LIST, min(number * PER_LIST, self.size))
        rows = "".join(f'<li><a href="{address(page)}">第{page}号报道：一天的见闻和安排</a></li>' for page in shown)
        more = f'<a class="next" href="/list/{number + 1}">下一页</a>' if number * PER_LIST < self.size else ""
        return f'<!DOCTYPE html><meta charset="utf-8"><ul class="news">{rows}</ul>{more}'.encode()


def edition(folder: Path, size: int) -> tuple[Edition, str]:
    """Make a site of that many pages out of a folder of real pages, or of invented ones; say which."""
    real = _real(folder) if (folder / "gold.jsonl").is_file() else []
    return (Edition(tuple(real), size), "real") if real else (Edition(tuple(_invented()), size), "invented")


def _real(folder: Path) -> list[Base]:
    rows = [json.loads(line) for line in (folder / "gold.jsonl").read_text(encoding="utf-8").splitlines() if line]
    bases = []
    for row in rows:
        path, body = folder / row["file"], row.get("body") or ""
        if row.get("kind") == "news" and path.is_file() and len(body) >= FEWEST_BODY:
            cut = _cut(path.read_bytes(), body)
            bases += [cut] if cut else []
    return bases


def _cut(raw: bytes, body: str) -> Base | None:
    """Cut a page before the longest paragraph of its text; None where that paragraph is not written out."""
    read = decode(raw)
    begins = max(body.split("\n"), key=len).strip()[:MARK]
    place = read.text.find(begins, max(read.text.find("<body"), 0))
    if place < 0 or read.damaged:
        return None
    try:
        parts = [part.encode(read.encoding) for part in (read.text[:place], read.text[place:])]
    except UnicodeEncodeError:
        return None
    return Base(parts[0], parts[1], read.encoding)


def _invented() -> list[Base]:
    """Make twelve pages with a frame around their text."""
    frame = "".join(f'<li><a href="/c{number}">栏目{number}</a></li>' for number in range(60))
    made = []
    for number in range(12):
        told = [SENTENCES[(number + step) % len(SENTENCES)] * 2 for step in range(8)]
        text = "".join(f"<p>{paragraph}</p>" for paragraph in told)
        head = f"<title>第{number}版报道_临江日报</title></head><body><ul>{frame}</ul><h1>第{number}版报道</h1>"
        stamp = "<div class='info'>2026年11月18日 09:30 来源：临江日报</div>"
        before = f"<!DOCTYPE html><html><head><meta charset='utf-8'>{head}{stamp}<div class='content'><p>"
        made.append(Base(before.encode(), f"</p>{text}</div><ul>{frame}</ul></body></html>".encode(), "utf-8"))
    return made

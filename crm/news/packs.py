"""Packs of sources: YAML that people can read, write and pass on. Nothing in a file is trusted.

Only what a person could also type is taken over; anchors, tags and anything large or deep are refused.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from importlib.resources import files
from typing import TYPE_CHECKING, Any

import yaml

from crm.core.errors import DomainError, Problem
from crm.news import options
from crm.news.sources import LONGEST_NAME, SourceDraft, source_problems

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from crm.news.models import Source

LARGEST = 256 * 1024
MOST_SOURCES, MOST_EVENTS, DEEPEST = 200, 20_000, 8
LONGEST_VALUE = 4000  # YAML also reads 1:1:1 as a number, to the base of sixty
_UNSTORABLE = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff]")
DEFAULT_MINUTES = 120
# Our own packs: name and what to know of it. Their files stand in packdata/.
SHIPPED: dict[str, tuple[str, str]] = {
    "government": (
        "政府网",
        (
            "国务院部门和部分省级政府公开网站的新闻与公告栏目。地址是公开信息，未逐一验证；"
            "启用前请先试抓，栏目改版时换成新地址。"
        ),
    ),
    "exchanges": (
        "交易所公告",
        (
            "交易所和上市公司公告的公开栏目。公告正文多为 PDF，不会取全文；列表由脚本生成的，"
            "试抓会提示改用 JSON 接口。未逐一验证，启用前请先试抓。"
        ),
    ),
    "media": (
        "财经媒体",
        "财经媒体的公开频道和订阅。请遵守各网站的使用条款；未逐一验证，启用前请先试抓。",
    ),
    "associations": (
        "行业协会",
        "全国性行业协会的公开网站首页，可换成具体栏目。未逐一验证，启用前请先试抓。",
    ),
    "wechat": (
        "公众号导出",
        (
            "公众号没有公开的抓取接口。用导出工具存下文章（zip、html、json 或 csv），"
            "在这里按类别建好信源，再把文件上传进来。"
        ),
    ),
}
FIELD = "file"
NOT_YAML = Problem("pack.not_yaml", "这个文件不是信源包：应是 YAML 文本，第%(line)s行读不下去。", FIELD)
TOO_LARGE = Problem("pack.too_large", "信源包不能超过256 KB，最多200个信源。请分成几个文件。", FIELD)
NO_LINKS = Problem("pack.anchors", "信源包里不能用 YAML 的锚点、引用或自定义标签，请改成普通写法。", FIELD)
NO_SOURCES = Problem("pack.empty", "没有找到信源：文件里要有 sources，下面每项有 name、kind、url。", FIELD)


@dataclass(frozen=True, slots=True)
class Entry:
    """One source of a pack and what is wrong with it."""

    draft: SourceDraft
    note: str = ""
    problems: tuple[Problem, ...] = ()


@dataclass(frozen=True, slots=True)
class Pack:
    """A pack as it was read."""

    name: str
    note: str = ""
    entries: list[Entry] = field(default_factory=list)


def shipped(key: str) -> Pack | None:
    """Read one of our own packs; None for an unknown key."""
    text = shipped_text(key)
    return replace(read(text), note=SHIPPED[key][1]) if text else None


def shipped_text(key: str) -> str:
    """Give the text of one of our own packs, "" for an unknown key."""
    if key not in SHIPPED:
        return ""
    return (files("crm.news.packdata") / f"{key}.yaml").read_text(encoding="utf-8")


def read(text: str) -> Pack:
    """Read a pack; DomainError says what is wrong with the file as a whole."""
    if len(text.encode(errors="replace")) > LARGEST:
        raise DomainError(TOO_LARGE)
    data = _load(text)
    rows = data.get("sources") if isinstance(data, dict) else None
    if not isinstance(rows, list) or not rows:
        raise DomainError(NO_SOURCES)
    if len(rows) > MOST_SOURCES:
        raise DomainError(TOO_LARGE)
    return Pack(_line(data.get("pack"), LONGEST_NAME), _line(data.get("note"), 500), [_entry(row) for row in rows])


def write(name: str, sources: Iterable[Source]) -> str:
    """Write sources as a pack."""
    rows = []
    for source in sources:
        row: dict[str, Any] = {"name": source.name, "kind": source.kind.value, "url": source.url}
        row["every"] = source.interval_minutes
        chosen = options.clean(source.options)
        rows.append({**row, **({"options": chosen} if chosen else {})})
    return yaml.safe_dump({"pack": name, "sources": rows}, allow_unicode=True, sort_keys=False, width=120)


def _load(text: str) -> Any:  # noqa: ANN401 - whatever a file holds
    try:
        depth = 0
        for number, event in enumerate(yaml.parse(text, yaml.SafeLoader)):
            depth += isinstance(event, yaml.CollectionStartEvent) - isinstance(event, yaml.CollectionEndEvent)
            if number > MOST_EVENTS or depth > DEEPEST:
                raise DomainError(TOO_LARGE)
            if len(getattr(event, "value", "")) > LONGEST_VALUE:
                raise DomainError(TOO_LARGE)
            if isinstance(event, yaml.AliasEvent) or getattr(event, "anchor", None) or getattr(event, "tag", None):
                raise DomainError(NO_LINKS)
        return _storable(yaml.safe_load(text))
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        line = mark.line + 1 if mark else 1
        raise DomainError(Problem(NOT_YAML.key, NOT_YAML.message, FIELD, {"line": line})) from error
    except (RecursionError, ValueError) as error:
        raise DomainError(Problem(NOT_YAML.key, NOT_YAML.message, FIELD, {"line": 1})) from error


def _storable(value: Any) -> Any:  # noqa: ANN401 - whatever a file holds
    """Take out what YAML can spell and no database or page can hold: control characters, halves of characters."""
    if isinstance(value, dict):
        return {_storable(key): _storable(one) for key, one in value.items()}
    if isinstance(value, list):
        return [_storable(one) for one in value]
    return _UNSTORABLE.sub("", value) if isinstance(value, str) else value


def _entry(row: object) -> Entry:
    if not isinstance(row, dict):
        draft = SourceDraft(_line(row, LONGEST_NAME), "", "")
        return Entry(draft, "", tuple(source_problems(draft)))
    chosen = row.get("options")
    minutes = row.get("every", DEFAULT_MINUTES)
    draft = SourceDraft(
        _line(row.get("name"), LONGEST_NAME + 1),
        _line(row.get("kind"), 40),
        _line(row.get("url"), 3000),
        minutes if type(minutes) is int else 0,
        _options(chosen if isinstance(chosen, dict) else {}),
    )
    return Entry(draft, _line(row.get("note"), 300), tuple(source_problems(draft)))


def _options(chosen: Mapping[Any, Any]) -> dict[str, Any]:
    """Keep what a source may set; a wait below the polite one is the default."""
    kept = options.clean({str(key): value for key, value in chosen.items()})
    delay = kept.get("delay")
    if isinstance(delay, int | float) and delay < options.DELAY[0]:
        del kept["delay"]
    return kept


def _line(value: object, limit: int) -> str:
    return " ".join(str(value if value is not None else "").split())[:limit]

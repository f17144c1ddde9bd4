"""Judge extracted pages: bodies by shingles of four, titles without punctuation, moments by day and minute."""

import random
import re
import statistics
import unicodedata
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

_TOKEN = re.compile(r"[\u3400-\u9fff\uf900-\ufaff\u3040-\u30ff]|[A-Za-z0-9_]+")
_DATE = re.compile(r"(\d{4})\D{1,3}(\d{1,2})\D{1,3}(\d{1,2})(?:\D{1,3}(\d{1,2})[:：时点](\d{1,2}))?")
_SHORT, _GOOD, _DRAWS, _SHINGLE = 300, 0.9, 1000, 4

Values = list[Any]
Figure = tuple[str, Values, Callable[[Values], float]]


@dataclass(frozen=True)
class Score:
    """How one page fared; None where the gold says nothing."""

    precision: float | None
    recall: float
    f1: float
    short: bool
    title: bool | None
    day: bool | None
    wrong_day: bool | None
    minute: bool | None
    source: bool | None


def judge(gold: dict[str, Any], *, title: str, published: str | None, source: str, text: str) -> Score:
    """Compare the parts of a page with its gold row."""
    hit, extra, missed = _overlap(gold["body"], text)
    day, minute = _moment(gold.get("publish_time"))
    own_day, own_minute = _moment(published)
    titles = {plain(one) for one in [gold.get("title"), *(gold.get("title_alt") or [])] if one}
    named, said = plain(gold.get("source")), plain(source)
    return Score(
        precision=hit / (hit + extra) if hit + extra else None,
        recall=hit / (hit + missed) if hit + missed else 0.0,
        f1=2 * hit / (2 * hit + extra + missed) if hit else 0.0,
        short=len(gold["body"]) <= _SHORT,
        title=plain(title) in titles if titles else None,
        day=own_day == day if day else None,
        wrong_day=own_day not in {None, day} if day else None,
        minute=own_minute == minute if minute else None,
        source=bool(said) and (said in named or named in said) if named else None,
    )


def rows(scores: list[Score]) -> Iterator[Figure]:
    """Give label, values and the way to sum them up, for each figure."""
    pairs = [(score.precision, score.recall) for score in scores]
    yield "body F1", pairs, f1
    yield "  precision", [p for p, _ in pairs if p is not None], statistics.fmean
    yield "  recall", [r for _, r in pairs], statistics.fmean
    yield "pages with F1 >= .9", [score.f1 >= _GOOD for score in scores], statistics.fmean
    yield "pages with F1 < .5", [score.f1 < _GOOD - 0.4 for score in scores], statistics.fmean
    yield "body F1, short bodies", [pair for pair, score in zip(pairs, scores, strict=True) if score.short], f1
    for label, name in (
        ("title exact", "title"),
        ("same day", "day"),
        ("wrong day", "wrong_day"),
        ("same minute", "minute"),
        ("source name", "source"),
    ):
        yield label, [value for score in scores if (value := getattr(score, name)) is not None], statistics.fmean


def f1(pairs: Values) -> float:
    """Give the harmonic mean of mean precision and mean recall over pages."""
    precisions = [precision for precision, _ in pairs if precision is not None]
    if not precisions:
        return 0.0
    precision, recall = statistics.fmean(precisions), statistics.fmean(recall for _, recall in pairs)
    return 2 * precision * recall / (precision + recall) if precision + recall else 0.0


def interval(values: Values, middle: Callable[[Values], float]) -> tuple[float, float]:
    """Give the 95 % interval of a figure by drawing pages anew."""
    chance = random.Random(1)  # noqa: S311 - not a secret
    drawn = sorted(middle(chance.choices(values, k=len(values))) for _ in range(_DRAWS)) if values else [0.0]
    return drawn[int(0.025 * len(drawn))], drawn[int(0.975 * len(drawn))]


def plain(text: str | None) -> str:
    """Give a text without width, case, spaces and punctuation."""
    return re.sub(r"[\W_]+", "", unicodedata.normalize("NFKC", text or "")).lower()


def _overlap(gold: str, got: str) -> tuple[int, int, int]:
    wanted, found = _shingles(gold), _shingles(got)
    hit = sum((wanted & found).values())
    return hit, sum(found.values()) - hit, sum(wanted.values()) - hit


def _shingles(text: str) -> Counter[tuple[str, ...]]:
    tokens = _TOKEN.findall(unicodedata.normalize("NFKC", text))
    starts = range(max(1, len(tokens) - _SHINGLE + 1)) if tokens else range(0)
    return Counter(tuple(tokens[start : start + _SHINGLE]) for start in starts)


def _moment(text: str | None) -> tuple[str | None, str | None]:
    """Give day and minute of a written moment in local time."""
    match = _DATE.search(unicodedata.normalize("NFKC", text or ""))
    if not match:
        return None, None
    year, month, day, hour, minute = match.groups()
    date = f"{int(year):04d}-{int(month):02d}-{int(day):02d}"
    return date, f"{date} {int(hour):02d}:{int(minute):02d}" if hour else None

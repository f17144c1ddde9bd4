"""Is a source well? Its last runs against its own past, with the reason in words. Pure."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from datetime import datetime, timedelta
from statistics import median
from typing import TYPE_CHECKING, Any, Self

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

KEEP_RUNS = 40
FAILURES, LATEST, FEWEST_PAST = 3, 2, 4
FEWEST_LISTED, FELL_TO = 5, 0.3
FEWEST_READ, MOST_BAD, USUAL_BAD = 4, 0.5, 0.2
SHORTEST_SILENCE, LONGEST_SILENCE = timedelta(days=2), timedelta(days=45)
GAPS, FORGETS = 3, 0.9
FALLBACK_GAP = timedelta(days=4)

FAILING, YIELD_FELL, BODIES_EMPTY = "failing", "yield_fell", "bodies_empty"
TITLES_MISSING, TIMES_MISSING, SILENT = "titles_missing", "times_missing", "silent"
ALERT_LABELS = {
    FAILING: "连续抓取失败",
    YIELD_FELL: "取到的文章骤减",
    BODIES_EMPTY: "多数页面读不出正文",
    TITLES_MISSING: "多数页面读不出标题",
    TIMES_MISSING: "多数页面读不出时间",
    SILENT: "很久没有新文章",
}
ALERT_NOTICES = {
    FAILING: "信源“%(source)s”连续抓取失败，请看原因",
    YIELD_FELL: "信源“%(source)s”取到的文章骤减，网站可能改版",
    BODIES_EMPTY: "信源“%(source)s”多数页面读不出正文，网站可能改版",
    TITLES_MISSING: "信源“%(source)s”多数页面读不出标题，网站可能改版",
    TIMES_MISSING: "信源“%(source)s”多数页面读不出时间，网站可能改版",
    SILENT: "信源“%(source)s”很久没有新文章，请看是否停更",
}
ALERT_ADVICE = {
    FAILING: "先看下面的失败原因；网站恢复后会自动好转，系统最慢每天重试一次，不会停掉。",
    YIELD_FELL: "网站可能改版：打开列表页核对，修改“文章链接”的选择器，试抓看结果后再保存。",
    BODIES_EMPTY: "网站可能改版：打开一篇核对，修改“正文”的选择器，然后点“重新读取”，不必重新抓取。",
    TITLES_MISSING: "网站可能改版：打开一篇核对，修改“标题”的选择器，然后点“重新读取”。",
    TIMES_MISSING: "网站可能改版：打开一篇核对时间写在哪里；列表页上的时间也可以用。",
    SILENT: "打开网站看是否停更或换了网址；更新本来就慢的，把“预期间隔”改长。",
}
WELL, TROUBLED, UNKNOWN, OFF = "well", "troubled", "unknown", "off"


@dataclass(frozen=True, slots=True)
class Figures:
    """What one run brought, as far as health is concerned."""

    run: int
    at: str
    problem: str | None = None
    listed: int = 0
    stored: int = 0
    read: int = 0
    empty: int = 0
    untitled: int = 0
    untimed: int = 0
    damaged: int = 0
    failures: Mapping[str, int] = field(default_factory=dict)

    @classmethod
    def load(cls, data: Mapping[str, Any]) -> Self:
        """Read figures from their JSON form; unknown keys of a later version are left out."""
        return cls(**{key: data[key] for key in cls.__slots__ if key in data})

    def dump(self) -> dict[str, Any]:
        """Give the JSON form."""
        return asdict(self)

    @property
    def when(self) -> datetime:
        """When the run ended."""
        return datetime.fromisoformat(self.at)


def with_run(recent: Sequence[Figures], latest: Figures) -> list[Figures]:
    """Add the figures of a run, in place of its earlier ones when it was taken in again; the oldest go."""
    known = [latest if one.run == latest.run else one for one in recent]
    return (known if latest in known else [*known, latest])[-KEEP_RUNS:]


def verdict(
    recent: Sequence[Figures],
    *,
    failures_in_row: int,
    last_new_at: datetime | None,
    allowed_silence: timedelta,
    now: datetime,
) -> str | None:
    """Name the most serious thing wrong with a source, None when nothing is."""
    if failures_in_row >= FAILURES:
        return FAILING
    found = (
        (YIELD_FELL, yield_fell(recent)),
        (BODIES_EMPTY, _went_bad(recent, "empty")),
        (TITLES_MISSING, _went_bad(recent, "untitled")),
        (TIMES_MISSING, _went_bad(recent, "untimed", needs_past=True)),
        (SILENT, last_new_at is not None and now - last_new_at > allowed_silence),
    )
    return next((key for key, wrong in found if wrong), None)


def usual_listed(recent: Sequence[Figures]) -> float:
    """How many articles the source's listing usually names: the median of its complete runs before the last two."""
    past = [one.listed for one in recent[:-LATEST] if one.problem is None]
    return median(past) if len(past) >= FEWEST_PAST else 0.0


def yield_fell(recent: Sequence[Figures]) -> bool:
    """Whether the last two runs both named far fewer articles than the source's own past did."""
    usual = usual_listed(recent)
    latest = recent[-LATEST:]
    return usual >= FEWEST_LISTED and all(one.problem is None and one.listed < usual * FELL_TO for one in latest)


def _went_bad(recent: Sequence[Figures], name: str, *, needs_past: bool = False) -> bool:
    """Whether most of the pages read lately lack something that most pages used to have.

    A source without a past is measured against what is usual anywhere, unless many sources never have it.
    """
    latest, past = _newest(recent)
    read = sum(one.read for one in latest)
    if read < FEWEST_READ or sum(getattr(one, name) for one in latest) < read * MOST_BAD:
        return False
    before = sum(one.read for one in past)
    if before < FEWEST_READ:
        return not needs_past
    return bool(sum(getattr(one, name) for one in past) <= before * USUAL_BAD)


def _newest(recent: Sequence[Figures]) -> tuple[Sequence[Figures], Sequence[Figures]]:
    """Split runs into the newest that hold enough pages, and those before."""
    read = 0
    for place in range(len(recent) - 1, -1, -1):
        read += recent[place].read
        if read >= FEWEST_READ:
            return recent[place:], recent[:place]
    return recent, ()


def next_gap(known_minutes: int | None, gap: timedelta) -> int:
    """Learn how long a source is usually silent: its longest silence, slowly forgotten."""
    minutes = int(gap.total_seconds() // 60)
    return max(minutes, int((known_minutes or 0) * FORGETS))


def allowed_silence(expected_minutes: int | None, usual_gap_minutes: int | None) -> timedelta:
    """How long a source may be silent: what a person expects of it, else three times its own longest silence."""
    if expected_minutes:
        return timedelta(minutes=expected_minutes)
    gap = timedelta(minutes=usual_gap_minutes) if usual_gap_minutes else FALLBACK_GAP
    return min(max(gap * GAPS, SHORTEST_SILENCE), LONGEST_SILENCE)


def spark(recent: Sequence[Figures], width: int = 20) -> list[tuple[Figures, int]]:
    """Give the last runs with the height of their bar, 0 to 10, by newly stored articles."""
    shown = recent[-width:]
    most = max((one.stored for one in shown), default=0)
    return [(one, -(-10 * one.stored // most) if most else 0) for one in shown]


def share(part: int, whole: int) -> str:
    """Say a share in whole percent, "—" of nothing."""
    return f"{round(100 * part / whole)}%" if whole else "—"

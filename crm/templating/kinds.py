"""The kinds of papers an office may have a template for: names, samples to try it with, the built-in one."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache, partial
from typing import TYPE_CHECKING

from crm.assessment.books import slip_filling as slips
from crm.papers import filling as papers
from crm.papers.rules import PAPERS
from crm.reports import bulletin_filling as bulletins
from crm.reports import filling as weekly
from crm.word.check.checking import check as check_norm
from crm.word.template.checking import check
from crm.word.template.rendering import fill

if TYPE_CHECKING:
    from collections.abc import Callable

    from crm.word.check.findings import Finding
    from crm.word.package import Properties
    from crm.word.template.faults import Fault
    from crm.word.template.values import Values


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind: its key in addresses, its name, what it is, and how to make its samples and its built-in template."""

    key: str
    label: str
    about: str
    properties: Properties
    sample: Callable[[bool], Values]
    builtin: Callable[[], bytes]

    def faults(self, data: bytes) -> list[Fault]:
        """What is wrong with a template: its file, its placeholders, or what comes out full and empty."""
        full, empty = self.sample(True), self.sample(False)  # noqa: FBT003 (a callable kept as data)
        return check(data, full.catalogue, (full.found, empty.found), self.properties)

    def preview(self, data: bytes) -> bytes:
        """Fill a template with invented contents."""
        return fill(data, self.sample(True).found, self.properties)  # noqa: FBT003 (a callable kept as data)

    def departures(self, data: bytes) -> tuple[Finding, ...]:
        """Where the paper a template makes departs from the norm."""
        return check_norm(self.preview(data)).findings


def _weekly(full: bool) -> Values:  # noqa: FBT001 (a callable kept as data)
    return weekly.values(weekly.sample(full=full))


def _paper(key: str, full: bool) -> Values:  # noqa: FBT001 (a callable kept as data)
    return papers.sample_values(key, full=full)


def _campaign(full: bool) -> Values:  # noqa: FBT001 (a callable kept as data)
    return bulletins.sample_values(full=full)


def _slip(full: bool) -> Values:  # noqa: FBT001 (a callable kept as data)
    return slips.values(slips.sample(full=full))


@cache
def kinds() -> dict[str, Kind]:
    """Every kind by its key."""
    sample = weekly.properties_of(weekly.sample(full=True))
    found = [Kind(weekly.KIND, "动态信息周报", "红头、期号、各节和版记", sample, _weekly, weekly.builtin)]
    found += [
        Kind(one.key, one.label, one.about, papers.SAMPLE, partial(_paper, one.key), partial(papers.builtin, one.key))
        for one in PAPERS.values()
    ]
    campaign = bulletins.properties_of(bulletins.sample_document(full=True))
    slip = slips.sample(full=True).properties
    found += [
        Kind(bulletins.KIND, "会战活动简报", "每期简报和收官通报", campaign, _campaign, bulletins.builtin),
        Kind(slips.KIND, "后进督办单", "考核排末位的单位，每张编号", slip, _slip, slips.builtin),
    ]
    return {one.key: one for one in found}

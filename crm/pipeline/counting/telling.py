"""The reasons why something does not count, in the reader's language."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from crm.pipeline.counting import queries
from crm.pipeline.counting.words import SPECS
from crm.pipeline.rules import ORDER, Stage
from crm.web.i18n import tr

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from sqlalchemy.orm import Session

    from crm.pipeline.counting.rules import Bar
    from crm.pipeline.models import Project


@dataclass(frozen=True, slots=True)
class Told:
    """One reason: name of the rule, why, where the rule comes from; of one contract only, or of the project."""

    label: str
    why: str
    source: str
    agreement_id: int | None


def told(bar: Bar) -> Told:
    """Put a reason into words."""
    spec = SPECS[bar.rule]
    why = tr(bar.text, **{key: tr(value) for key, value in bar.params.items()})
    return Told(tr(spec.label), why, tr(spec.source), bar.agreement_id)


def of_project(session: Session, project_id: int) -> list[Told]:
    """Say what keeps a signed project, or one of its contracts, from counting."""
    return [told(bar) for bar in queries.bars(session, [project_id]).get(project_id, [])]


def bars_of(session: Session, project: Project) -> list[Told]:
    """Say what keeps a project from counting; before a contract can be signed nothing is asked."""
    signing = ORDER.index(project.stage) >= ORDER.index(Stage.PRE_SIGNING)
    return of_project(session, project.id) if signing else []


def of_contract(session: Session, project_id: int, agreement_id: int) -> list[Told]:
    """Say what keeps a contract from counting."""
    return [one for one in of_project(session, project_id) if one.agreement_id in {None, agreement_id}]


def in_short(session: Session, ids: Collection[int]) -> dict[int, str]:
    """Name the rules that bar projects, for lists; projects that count are left out."""
    found: dict[int, str] = {}
    for project_id, bars in queries.bars(session, ids).items():
        whole: Sequence[Bar] = [bar for bar in bars if bar.agreement_id is None]
        if whole:
            found[project_id] = tr("、").join(dict.fromkeys(tr(SPECS[bar.rule].label) for bar in whole))
    return found

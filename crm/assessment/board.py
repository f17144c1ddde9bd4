"""What the pages of targets and campaigns share: standings as of now, and where a figure opens its rows."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from crm.assessment import queries
from crm.assessment.facts import READ, Window
from crm.assessment.items import STANDARD, milestones
from crm.assessment.links import rows_href
from crm.assessment.rules import Elapsed, elapsed
from crm.assessment.standings import Grid, Standing, standing
from crm.assessment.words import item_basis, labels
from crm.auth.identity import current_actor
from crm.auth.units import names_on
from crm.web import db, timing
from crm.web.i18n import tr

if TYPE_CHECKING:
    from collections.abc import Sequence

    from crm.assessment.items import Item
    from crm.assessment.models import Campaign


@dataclass(frozen=True, slots=True)
class Board:
    """A standing with the words its tables are headed by."""

    standing: Standing
    window: Window
    items: tuple[Item, ...]
    labels: dict[str, str]
    units: dict[str, str]
    bases: dict[str, str]

    def href(self, key: str, unit_id: int | None = None) -> str:
        """Link to the rows, empty where the person may not see them: totals are public, rows are not."""
        item = next(item for item in self.items if item.key == key)
        return item_href(item, self.window, unit_id)


def item_href(item: Item, window: Window, unit_id: int | None = None) -> str:
    """Where the rows of a task open for this person."""
    scope = current_actor().scope(READ[item.measure.kind])
    if scope is not None and unit_id not in scope:
        return ""
    return rows_href(item.measure.key, replace(window, lens=item.lens), unit_id)


def board(
    window: Window,
    goals: Grid,
    spent: Elapsed,
    items: Sequence[Item] = STANDARD,
    units: frozenset[int] | None = None,
) -> Board:
    """Count every task of a window beside its goals; ``units`` shows only these lines."""
    session = db.session()
    done = queries.matrix(session, window, items)
    unit_ids = sorted({unit_id for unit_id, _key in (*goals, *done)})
    names = list(names_on(session, window.end, unit_ids).items())  # as they were called then
    shown = names if units is None else [pair for pair in names if pair[0] in units]
    stands = standing(shown, done, goals, spent, [item.key for item in items])
    words = {item.key: tr(item.unit) for item in items}
    bases = {item.key: item_basis(item) for item in items}
    return Board(stands, window, tuple(items), labels(items), words, bases)


def campaign_board(campaign: Campaign) -> Board:
    """The board of a campaign as of now."""
    session = db.session()
    window = Window(campaign.start_on, campaign.end_on, timing.now())
    due = milestones(queries.phases(session, campaign.id))
    spent = elapsed(campaign.start_on, campaign.end_on, timing.today(), due)
    return board(window, queries.tasks(session, campaign.id), spent, queries.items(session, campaign.id))

"""Local firms that a line of chains names: found in the register, put on the node, never over what a person said."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, Any

from sqlalchemy import select

from crm.core.text import fold
from crm.enterprises.models import Enterprise, EnterpriseAlias
from crm.enterprises.queries import live
from crm.imports.rules import BAD, DOUBT, problem
from crm.resources.chains.models import IndustryPlace
from crm.resources.chains.placing import PlaceDraft
from crm.resources.chains.rules import PlaceState, Side, goal_problems

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable

    from sqlalchemy.orm import Session

    from crm.resources.chains.sheet import Firm

UNKNOWN = "登记册里没有“%(name)s”，没有放上这家；先登记企业，再导入一次。"
SEVERAL = "登记册里有几家企业叫“%(name)s”，没有放上；请写全称。"
REFUSED = "有人说过“%(name)s”不在这个环节，没有放上。"


class Firms:
    """Enterprises by the names of some lines, and which of them stand on which nodes."""

    def __init__(self) -> None:
        """Know nobody yet."""
        self._ids: dict[str, set[int]] = {}
        self._standing: dict[tuple[int, int], IndustryPlace] = {}

    def load(self, session: Session, names: Iterable[str], node_ids: Collection[int]) -> None:
        """Read who is called so, and who stands on these nodes, in three reads."""
        self._ids = defaultdict(set)
        folded = {fold(name) for name in names}
        if not folded:
            return
        by_name = select(Enterprise.folded_name, Enterprise.id).where(Enterprise.folded_name.in_(folded), live())
        by_alias = (
            select(EnterpriseAlias.folded, EnterpriseAlias.enterprise_id)
            .join(Enterprise)
            .where(EnterpriseAlias.folded.in_(folded), live())
        )
        for name, key in session.execute(by_name):
            self._ids[name] = {key}
        known = set(self._ids)
        for name, key in session.execute(by_alias):
            if name not in known:  # a firm of the very name goes before those that are also called so
                self._ids[name].add(key)
        places = select(IndustryPlace).where(
            IndustryPlace.node_id.in_(node_ids), IndustryPlace.side == Side.LOCAL, IndustryPlace.ended_at.is_(None)
        )
        self._standing = {(one.node_id, one.enterprise_id): one for one in session.scalars(places)}

    def drafts(
        self, node_id: int, firms: Iterable[Firm], place: int | None
    ) -> tuple[list[PlaceDraft], list[dict[str, Any]]]:
        """Say whom a line puts on a node (0: one that is new), and whom it does not; ``place`` is the cell."""
        found: list[PlaceDraft] = []
        problems: list[dict[str, Any]] = []
        for firm in firms:
            problems += [problem(place, BAD, one.message, **one.params) for one in goal_problems(firm.scale, "")]
            ids = self._ids.get(fold(firm.name), set())
            standing = self._standing.get((node_id, next(iter(ids)))) if len(ids) == 1 else None
            refused = standing is not None and standing.state is PlaceState.REFUSED
            if len(ids) != 1 or refused:
                why = REFUSED if refused else SEVERAL if ids else UNKNOWN
                problems.append(problem(place, DOUBT, why, name=firm.name))
                continue
            draft = _draft(next(iter(ids)), firm, standing)
            if draft is not None:
                found.append(draft)
        return found, problems


def _draft(enterprise_id: int, firm: Firm, standing: IndustryPlace | None) -> PlaceDraft | None:
    """What is blank leaves what is stored; None when nothing is new."""
    if standing is None:
        return PlaceDraft(enterprise_id, Side.LOCAL, leading=firm.leading, scale=firm.scale)
    leading, scale = firm.leading or standing.leading, firm.scale or standing.scale
    if (leading, scale) == (standing.leading, standing.scale):
        return None
    return PlaceDraft(enterprise_id, Side.LOCAL, leading=leading, scale=scale, note=standing.note or "")

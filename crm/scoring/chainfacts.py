"""What local chains lack and an enterprise could bring: read from the register of chains, with both clocks."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import select

from crm.resources.chains.models import IndustryChain, IndustryNode, IndustryPlace, IndustryVerdict
from crm.resources.chains.rules import GAPS, PlaceState, Side
from crm.scoring.facts import NODE, Fact
from crm.scoring.span import within

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from datetime import datetime

    from sqlalchemy.orm import Session


def targeted(session: Session, ids: Sequence[int]) -> Iterator[tuple[int, Fact, datetime, datetime | None]]:
    """Nodes an enterprise is a confirmed target of, with what each called for while both were known.

    Valid from the day it became a target until the last day it is one; recorded when the later of the two rows
    came, gone when the first of them (or the chain) ended.
    """
    rows = (
        select(
            IndustryPlace,
            *(IndustryVerdict.call, IndustryVerdict.recorded_at, IndustryVerdict.ended_at),
            *(IndustryNode.id, IndustryNode.name, IndustryChain.name, IndustryChain.archived_at),
        )
        .join(IndustryVerdict, IndustryVerdict.node_id == IndustryPlace.node_id)
        .join(IndustryNode, IndustryNode.id == IndustryPlace.node_id)
        .join(IndustryChain, IndustryChain.id == IndustryNode.chain_id)
        .where(
            within(IndustryPlace.enterprise_id, ids),
            IndustryPlace.side == Side.TARGET,
            IndustryPlace.state == PlaceState.CONFIRMED,
            IndustryVerdict.call.in_(GAPS),
        )
        .order_by(IndustryPlace.id, IndustryVerdict.id)
    )
    found: Any = session.execute(rows)
    for place, call, recorded, ended, node, name, chain, archived in found:
        known = max(place.recorded_at, recorded)
        gone = min((end for end in (place.ended_at, ended, archived) if end is not None), default=None)
        if gone is None or known < gone:
            words = f"{chain}·{name}"[:200]
            yield place.enterprise_id, Fact(NODE, str(call), node, place.since, place.until, words=words), known, gone

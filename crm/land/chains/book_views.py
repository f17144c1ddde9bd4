"""The workbook of chains: one line a node, with the headings that an import reads."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask import Blueprint

from crm.auth.rules import Permission
from crm.auth.workbooks import hand_out
from crm.core.errors import NotFoundError
from crm.core.money import digits
from crm.resources.chains import queries, sheet
from crm.resources.chains.rules import TIER_LABELS, Side
from crm.web import db
from crm.web.access import requires
from crm.web.grids import Cell, Column, Figure, Kind, Sheaf
from crm.web.i18n import tr
from crm.web.inputs import number_or_none

if TYPE_CHECKING:
    from collections.abc import Iterator

    from flask.typing import ResponseReturnValue

    from crm.resources.chains.models import IndustryNode
    from crm.resources.chains.queries import Whole

bp = Blueprint("industry_books", __name__)
P = Permission
ALL = "all"


@bp.get("/industry-chains/export/<chain>.xlsx")
@requires(P.REGISTER_EXPORT)
def export(chain: str) -> ResponseReturnValue:
    """Hand out one chain (its number) or all of them (``all``), watermarked and on record."""
    session, key = db.session(), number_or_none(chain)
    if key is None and chain != ALL:
        raise NotFoundError(queries.MISSING)
    ids = [queries.chain(session, key).id] if key is not None else queries.live_ids(session)
    wholes = [queries.whole(session, one) for one in ids]
    rows = [[Cell(text) for text in line] for whole in wholes for line in _lines(whole)]
    figure = Figure("chains", tr("产业链"), [Column(head, Kind.TEXT) for head in sheet.HEADS], rows)
    name = wholes[0].chain.name if key is not None else tr("产业链")
    taken = [whole.chain.name for whole in wholes]
    return hand_out(Sheaf(name, (figure,), tr("每行一个环节")), "chain.export", queries.CHAIN, chains=taken)


def _lines(whole: Whole) -> Iterator[list[str]]:
    names = {node.id: node.name for node in whole.nodes}
    for node in whole.nodes:
        yield _line(whole, node, names)


def _line(whole: Whole, node: IndustryNode, names: dict[int, str]) -> list[str]:
    firms = [sheet.Firm(one.name, one.place.scale, one.place.leading) for one in whole.of(node.id, Side.LOCAL)]
    return [
        whole.chain.name,
        TIER_LABELS[node.tier],
        node.name,
        "、".join(node.words),
        "、".join(node.codes),
        "是" if node.key else "",
        digits(node.goal) if node.goal is not None else "",
        "、".join(names[one] for one in whole.customers(node.id)),
        "、".join(sheet.write_firm(firm) for firm in firms),
        node.note or "",
    ]

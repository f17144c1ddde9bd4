"""Reasons as they are stored: one by one, and as ready pieces of JSON for a million leads. Pure."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from crm.scoring.levels import FADING, proof
from crm.scoring.rules import Reason, limited, reason
from crm.scoring.table import LevelHit

if TYPE_CHECKING:
    from collections.abc import Sequence

    from crm.scoring.table import Feature, PointsTable

COUNT, DAY, POINTS, ROW = "⟦count⟧", "⟦day⟧", -987_654_321, -987_654_322
Piece = tuple[int, str]
"""Points of a reason, and its JSON."""


def stored_reasons(reasons: Sequence[Reason]) -> list[dict[str, Any]]:
    """Turn reasons into what the ``reasons`` columns hold.

    key and level of the feature, label (Chinese), template and params (the same, to translate), points,
    kind (axis), ref (proof).
    """
    return [
        {
            "key": one.key,
            "level": one.level,
            "label": one.label_zh,
            "template": one.words.template,
            "params": dict(one.words.params),
            "points": one.points,
            "kind": one.axis.value,
            "ref": {"type": one.evidence[0], "id": one.evidence[1]} if one.evidence else None,
        }
        for one in reasons
    ]


def written(one: Reason) -> str:
    """Write one reason as JSON."""
    return json.dumps(stored_reasons([one])[0], ensure_ascii=False)


def moulds(table: PointsTable) -> list[list[str]]:
    """Give the JSON of each level with holes, ``% {"c": count, "d": day, "p": points, "i": row}``.

    Features of facts that stand have other words; of them only the first level, the absence, is given.
    """
    return [
        [_mould(feature, code) for code in range(len(feature.levels) if feature.rule in FADING else 1)]
        for feature in table.features
    ]


def _mould(feature: Feature, code: int) -> str:
    hit = feature.absent
    if code:
        params = {"count": COUNT, "day": DAY, "kind": feature.label_zh}
        hit = LevelHit(feature.key, code, feature.levels[code].key, params, proof(feature.source, ROW))
    text = written(reason(feature, hit, POINTS)).replace("%", "%%")
    text = text.replace(COUNT, "%(c)d").replace(DAY, "%(d)s")
    return text.replace(str(POINTS), "%(p)d").replace(str(ROW), "%(i)d")


def joined(pieces: list[Piece], limit: int) -> str:
    """Write all reasons of a lead, the weightiest first, as :func:`crm.scoring.rules.of_levels` orders them."""
    if limit:
        pieces.append((limit, written(limited(limit))))
    pieces.sort(key=lambda piece: -abs(piece[0]))
    return f"[{','.join([text for _points, text in pieces])}]"

"""Names of enterprises from a CSV file: one row each, several names in a cell separated by ``|``."""

from __future__ import annotations

import csv
from typing import TYPE_CHECKING

from crm.enterprises.rules import AliasKind
from crm.linking.matcher import Alias

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

SHORT_NAME = 3
COLUMNS = {
    "name_zh": AliasKind.FULL,
    "full_names": AliasKind.FULL,
    "listed_short_names": AliasKind.TICKER,
    "curated_aliases": AliasKind.BRAND,
    "brand_or_list_short": AliasKind.BRAND,
    "rule_aliases": AliasKind.SHORT,
    "former_names": AliasKind.FORMER,
}


def read_names(path: Path) -> Iterator[Alias]:
    """Read the names of all enterprises; an enterprise is known by its ``name_zh``."""
    with path.open(encoding="utf-8-sig", newline="") as handle:
        rows = list(csv.DictReader(handle))
    # Members of national lists come first: they win a name that a mere listed company shares.
    for row in sorted(rows, key=lambda row: not (row.get("lists") or "").replace("a_share", "")):
        yield from _names(row)


def _names(row: Mapping[str, str]) -> Iterator[Alias]:
    for column, kind in COLUMNS.items():
        for name in filter(None, (row.get(column) or "").split("|")):
            known = _kind(name, kind, row)
            yield Alias(name, row["name_zh"], known, known is AliasKind.SHORT and len(name) <= SHORT_NAME)


def _kind(name: str, kind: AliasKind, row: Mapping[str, str]) -> AliasKind:
    if kind is AliasKind.FULL and not name.endswith("公司"):
        return AliasKind.TICKER
    global_500 = "fortune_global_500" in (row.get("lists") or "")
    return AliasKind.BRAND if kind is AliasKind.SHORT and global_500 else kind

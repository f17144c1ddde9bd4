"""The public sets of the scoring benchmark: which leads, which columns, which outcome, in which order of time."""

from __future__ import annotations

import csv
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

import numpy as np

from crm.scoring.model.frame import frame

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray

    from crm.scoring.model.frame import Frame

Cells = dict[str, list[str]]

OLIST_LEADS, OLIST_DEALS = "olist_marketing_qualified_leads_dataset.csv", "olist_closed_deals_dataset.csv"
OLIST_FROM, OLIST_DAYS = date(2017, 12, 1), 90
XEDU_LATER = {
    "Tags", "Lead Quality", "Lead Profile", "Last Activity", "Last Notable Activity",
    "Asymmetrique Activity Index", "Asymmetrique Profile Index",
    "Asymmetrique Activity Score", "Asymmetrique Profile Score",
}  # fmt: skip
XEDU_EMPTY = {
    "Search", "Newspaper Article", "X Education Forums", "Newspaper", "Digital Advertisement",
    "Through Recommendations",
}  # fmt: skip
BANK_MACRO = {"emp.var.rate", "cons.price.idx", "cons.conf.idx", "euribor3m", "nr.employed"}


@dataclass(frozen=True)
class Data:
    """One set: features in order of time, outcomes [n], and what may be asked of it.

    `stable`: the base rate does not drift, so that calibration out of time can be asked for.
    """

    key: str
    title: str
    frame: Frame
    won: NDArray[np.bool_]
    signal: bool = True
    stable: bool = True


def sets(folder: Path) -> list[Data]:
    """Read all sets."""
    return [olist(folder), xedu(folder), bank(folder), bank(folder, macro=False), maven(folder)]


def olist(folder: Path) -> Data:
    """Leads from 2017-12-01 on (deals before were not recorded), won within 90 days; three weak features."""
    dated = olist_dated(folder)
    return Data("olist", "Olist, won within 90 days", dated.frame, dated.closed - dated.begun <= OLIST_DAYS)


@dataclass(frozen=True)
class Dated:
    """Leads in order of their first contact: days on which they began and were won (inf: never)."""

    frame: Frame
    begun: NDArray[np.float64]
    closed: NDArray[np.float64]


def olist_dated(folder: Path) -> Dated:
    """Read leads and deals of Olist with their real days."""
    leads = _read(folder / OLIST_LEADS, names=("mql_id", "first_contact", "landing_page", "origin"))
    deals = _read(folder / OLIST_DEALS)
    closed = dict(zip(deals["mql_id"], (_day(text) for text in deals["won_date"]), strict=True))
    days = [_day(text) for text in leads["first_contact"]]
    order = sorted((row for row, day in enumerate(days) if day >= OLIST_FROM), key=lambda row: days[row])
    kept: Cells = {key: [leads[key][row] for row in order] for key in ("landing_page", "origin")}
    kept["weekday"] = [f"weekday {days[row].isoweekday()}" for row in order]
    ends = [closed.get(leads["mql_id"][row]) for row in order]
    return Dated(
        frame(kept),
        np.array([float(days[row].toordinal()) for row in order]),
        np.array([np.inf if end is None else float(end.toordinal()) for end in ends]),
    )


def xedu(folder: Path) -> Data:
    """X Education without what was written after the outcome; in the order of the lead number."""
    cells = _read(folder / "Leads_xeducation.csv")
    order = sorted(range(len(cells["Lead Number"])), key=lambda row: int(cells["Lead Number"][row]))
    won = np.array([cells["Converted"][row] == "1" for row in order])
    kept = {key: [texts[row] for row in order] for key, texts in cells.items() if key != "Converted"}
    return Data("xedu", "X Education", frame(kept, exclude=XEDU_LATER | XEDU_EMPTY), won)


def bank(folder: Path, *, macro: bool = True) -> Data:
    """UCI bank without `duration`, in the order of its rows, with or without the five macro indices."""
    cells = _read(folder / "bank-additional-full.csv", delimiter=";")
    won = np.array([text in {"1", "yes"} for text in cells.pop("y")])
    left_out = {"duration"} | (set() if macro else BANK_MACRO)
    key, title = ("bank", "UCI bank") if macro else ("bank-no-macro", "UCI bank without macro indices")
    return Data(key, title, frame(cells, exclude=left_out), won, stable=False)


def maven(folder: Path) -> Data:
    """Closed deals of Maven in order of engagement: the null control, no feature says anything."""
    deals = _read(folder / "maven_sales_pipeline.csv")
    order = [row for row, stage in enumerate(deals["deal_stage"]) if stage in {"Won", "Lost"}]
    order.sort(key=lambda row: deals["engage_date"][row].split("-")[::-1])
    kept: Cells = {key: [deals[key][row] for row in order] for key in ("sales_agent", "product", "account")}
    kept |= _joined(kept["account"], _read(folder / "maven_accounts.csv"), "account")
    kept |= _joined(kept["sales_agent"], _read(folder / "maven_sales_teams.csv"), "sales_agent")
    won = np.array([deals["deal_stage"][row] == "Won" for row in order])
    return Data("maven", "Maven, no signal", frame(kept), won, signal=False)


def _read(path: Path, delimiter: str = ",", names: tuple[str, ...] | None = None) -> Cells:
    with path.open(encoding="utf-8-sig", newline="") as lines:
        rows = list(csv.reader(lines, delimiter=delimiter))
    head, body = (names, rows) if names else (tuple(rows[0]), rows[1:])
    return {key: [row[place] for row in body] for place, key in enumerate(head)}


def _joined(keys: list[str], table: Cells, by: str) -> Cells:
    place = {key: row for row, key in enumerate(table[by])}
    rows = [place.get(key) for key in keys]
    return {name: ["" if row is None else texts[row] for row in rows] for name, texts in table.items() if name != by}


def _day(text: str) -> date:
    return date.fromisoformat(text[:10])

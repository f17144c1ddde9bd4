"""What an office knows of its targets beyond their names: profiles, groups, relations, former names, circles."""

from __future__ import annotations

import csv
import io
from datetime import timedelta
from typing import TYPE_CHECKING

from crm.cli.demodata.desk import asset
from crm.cli.demodata.office import REGISTRAR
from crm.enterprises import aliases, groups, profile, relations
from crm.enterprises.aliases import AliasDraft
from crm.enterprises.profile import EntryDraft
from crm.enterprises.relations import RelationDraft
from crm.enterprises.rules import AliasKind, KnownThrough, ProfileBlock

if TYPE_CHECKING:
    from datetime import date, datetime

    from crm.cli.demodata.desk import Desk

PARENT, FORMER = "parent", "former"
KNOWN = (
    (KnownThrough.PUBLIC, None, None),
    (KnownThrough.VISIT, None, None),
    (KnownThrough.CHAMBER, "云溪商会", None),
    (KnownThrough.KIN, None, "云溪县"),
    (KnownThrough.INTRODUCER, "招商大使 温如玉", None),
    (KnownThrough.EVENT, None, None),
)


def add_profiles(desk: Desk, now: datetime) -> None:
    """Fill the blocks of some profiles, each paragraph with its source and day."""
    today = now.date()
    for row in csv.DictReader(io.StringIO(asset("dossier.csv"))):
        as_of = min(_day(desk, row["days"]) or today, today)
        draft = EntryDraft(ProfileBlock(row["block"]), row["body"], row["source"], as_of)
        firm = desk.enterprises[row["short"]]
        profile.add_entry(desk.session, desk.actor(REGISTRAR), firm.id, draft, now=now, today=today)


def add_kin(desk: Desk, now: datetime) -> None:
    """Tell which firm belongs to which group, who supplies whom, and what firms were called before."""
    session, actor = desk.session, desk.actor(REGISTRAR)
    for row in csv.DictReader(io.StringIO(asset("kin.csv"))):
        firm, since = desk.enterprises[row["short"]], _day(desk, row["days"])
        if row["kind"] == FORMER:
            draft = AliasDraft(row["other"], AliasKind.FORMER, row["source"], None, since)
            aliases.add(session, actor, firm.id, draft, now=now)
            continue
        other = desk.enterprises[row["other"]]
        if row["kind"] == PARENT:
            groups.set_parent(session, actor, firm.id, other.id, now=now)
            continue
        tie = RelationDraft(other.id, row["kind"], since, None, row["source"], row["note"])
        relations.add_relation(session, actor, firm.id, tie, now=now)


def circle(number: int) -> tuple[KnownThrough, str | None, str | None]:
    """Tell how the office came to know its n-th contact: the way, who introduced them, home town."""
    return KNOWN[number % len(KNOWN)]


def _day(desk: Desk, days: str) -> date | None:
    return desk.today - timedelta(days=int(days)) if days else None

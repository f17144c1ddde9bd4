"""What people of the demonstration follow and watch, so that their inbox has an order of its own."""

from __future__ import annotations

from typing import TYPE_CHECKING

from crm.signals import following, watching
from crm.signals.filters import SignalFilter
from crm.signals.triage_models import Telling

if TYPE_CHECKING:
    from crm.cli.demodata.desk import Desk

WATCHES = (
    ("linshuyue", "广东的产业转移", SignalFilter(kinds=("RELO",), place="广东"), Telling.AT_ONCE),
    ("xujiahe", "产品配套", SignalFilter(kinds=("SUPP",)), Telling.DAILY),
    ("chenyutong", "高把握的资本扩张", SignalFilter(kinds=("CAPX",), confidence=90), Telling.DAILY),
)
FOLLOWED = 3


def add_follows(desk: Desk) -> None:
    """Follow the first enterprises of the register, each person some others, and keep a watch each."""
    firms = sorted(row.id for row in desk.enterprises.values())
    for place, (person, name, chosen, telling) in enumerate(WATCHES):
        actor = desk.actor(person)
        for firm_id in firms[place * FOLLOWED : (place + 1) * FOLLOWED]:
            following.follow(desk.session, actor, firm_id, now=desk.at(9, 10))
        watching.save(desk.session, actor, name, chosen, telling, now=desk.at(9, 10, 30))

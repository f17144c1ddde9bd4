"""What stands around a name, weighed by what is known of its bearer: seat, legal form, shares, trade."""

from __future__ import annotations

from typing import TYPE_CHECKING

from crm.linking import guards
from crm.linking.homes import at_home

if TYPE_CHECKING:
    from crm.linking.context import Candidate

OF_OTHERS = (
    "local_branch", "longer_name", "member_name", "unit", "member", "tail", "seated_legal", "seated", "right_cut",
    "right_bits",
)  # fmt: skip
ELSEWHERE = ("seated", "seated_legal", "foreign")


def complete(one: Candidate) -> None:
    """Take back or add what the place alone could not tell."""
    _at_home(one)
    _legal(one)
    _own_trade(one)


def _at_home(one: Candidate) -> None:
    """A place in front that is the seat of the firm does not make it another one."""
    here = one.here
    if ("seated" in here or "foreign" in here) and at_home(one.place.text, one.place.start, one.claim.owner.seat):
        for name in ELSEWHERE:
            here.pop(name, None)
        here["home"] = 1.0


def _legal(one: Candidate) -> None:
    """Of a share known by its short name alone …股份有限公司 is the rest of the name, and …集团 is its parent.

    云岭股份 is another firm than a 云岭集团有限公司 that issues no shares.
    """
    here, claim, place = one.here, one.claim, one.place
    if "share_name" in here and claim.issues:
        del here["share_name"]
    if claim.legal or not claim.owner.codes:
        return
    if guards.STOCK_NAME_REST.match(place.text, place.end):
        for name in OF_OTHERS:
            here.pop(name, None)
        here["own_stock"] = 1.0
    elif "group_suffix" in here:
        here["share_group"] = 1.0


def _own_trade(one: Candidate) -> None:
    """诺华制药 is 诺华 itself, whose trade is 制药; 华鼎基金 is none of a bank."""
    here, trade, place = one.here, one.claim.owner.trade, one.place
    if (
        "tail" in here
        and trade
        and not one.claim.derived
        and "longer_name" not in here
        and place.text.startswith(trade, place.end)
    ):
        del here["tail"]
        here["own_trade"] = 1.0

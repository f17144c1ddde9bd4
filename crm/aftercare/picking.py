"""What forms of aftercare share: a firm to pick and a colleague to choose."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from flask import request
from flask_babel import lazy_gettext as _
from wtforms import HiddenField

from crm.auth.queries import seats
from crm.auth.rules import Permission
from crm.fieldwork import firm_pick
from crm.web import db, timing
from crm.web.forms import Form, text
from crm.web.i18n import tr
from crm.web.inputs import number_or_none

if TYPE_CHECKING:
    from crm.auth.rules import Actor


class FirmForm(Form):
    """A form about a firm of the register."""

    enterprise_id = HiddenField(_("企业"))

    @property
    def firm_id(self) -> int:
        """The chosen firm; only after validation."""
        return number_or_none(text(self.enterprise_id)) or 0

    def validate(self, extra_validators: object = None) -> bool:
        """Ask for the firm."""
        right = bool(super().validate(extra_validators))
        if not self.firm_id:
            self.enterprise_id.errors, right = [tr("请选择企业；登记册里没有的先新增。")], False
        return right


def looking() -> bool:
    """Whether the form is only shown, or a firm is searched with its button."""
    return request.method == "GET" or bool(request.form.get("find"))


def offered(actor: Actor, form: FirmForm) -> dict[str, Any]:
    """Give what the picker of firms needs."""
    query, chosen = request.values.get("q", "").strip(), text(form.enterprise_id)
    return {"picks": firm_pick.offered(db.session(), actor, query, chosen), "q": query, "chosen": chosen}


def people(actor: Actor) -> list[tuple[str, str]]:
    """Give the colleagues a person may plan for, as ``unit:user``."""
    rows = seats(db.session(), actor.scope(Permission.CASE_WRITE), timing.today())
    return [(f"{unit_id}:{user_id}", label) for unit_id, user_id, label in rows]


def person_of(typed: str) -> tuple[int, int]:
    """Read ``unit:user``; zeros for anything else."""
    unit, _colon, user = typed.partition(":")
    return number_or_none(unit) or 0, number_or_none(user) or 0

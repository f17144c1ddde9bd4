"""The form of a rule of kinds."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

from wtforms import BooleanField, DecimalField, SelectField, StringField, TextAreaField
from wtforms.validators import InputRequired, NumberRange, Optional

from crm.signals.kinds import KIND_LABELS, SignalKind
from crm.signals.office_rules import Draft
from crm.web.forms import Form, choices, text

if TYPE_CHECKING:
    from crm.signals.office_rules import Shown

LEAST, MOST = 0.05, 1


class Weight(DecimalField):
    """A number one can compare with others: of all that Decimal reads, NaN is not."""

    def process_formdata(self, valuelist: list[str]) -> None:
        """Refuse what is no plain number."""
        super().process_formdata(valuelist)
        if self.data is not None and not self.data.is_finite():
            self.data = None
            raise ValueError(self.gettext("Not a valid decimal value."))


class RuleForm(Form):
    """What a person writes of a rule."""

    kind = SelectField("类型", choices=[])
    weight = Weight(
        "权重",
        [InputRequired("请填 0.05 到 1 之间的权重。"), NumberRange(LEAST, MOST, "请填 0.05 到 1 之间的权重。")],
        places=2,
    )
    pattern = TextAreaField("匹配式", [Optional()])
    not_pattern = TextAreaField("排除式", [Optional()])
    yes = TextAreaField("应当匹配的例句", [Optional()])
    no = TextAreaField("不应匹配的例句", [Optional()])
    note = StringField("说明", [Optional()])
    enabled = BooleanField("启用", default=True)

    def fill_choices(self) -> None:
        """Offer the kinds in the person's language."""
        self.kind.choices = choices((kind.value, KIND_LABELS[kind]) for kind in SignalKind)

    def show(self, shown: Shown) -> None:
        """Fill in a rule as it works now; the pattern of a packaged one stays blank until it is changed."""
        row, office = shown.row, shown.office
        self.kind.data, self.weight.data, self.enabled.data = row.kind, Decimal(f"{row.weight:g}"), row.enabled
        own = office if office is not None and office.pattern else None
        self.pattern.data = own.pattern if own else ""
        self.not_pattern.data = (office.not_pattern or "") if office else ""
        self.yes.data = "\n".join(office.examples.get("yes", ())) if office else ""
        self.no.data = "\n".join(office.examples.get("no", ())) if office else ""
        self.note.data = (office.note or "") if office else ""

    def draft(self) -> Draft:
        """Return what was written."""
        return Draft(
            kind=text(self.kind), weight=float(self.weight.data or 0), pattern=_joined(text(self.pattern)),
            not_pattern=_joined(text(self.not_pattern)), yes=_lines(text(self.yes)), no=_lines(text(self.no)),
            note=text(self.note), enabled=bool(self.enabled.data),
        )  # fmt: skip


def _joined(typed: str) -> str:
    """Take out the line breaks of a long pattern."""
    return "".join(line.strip() for line in typed.splitlines())


def _lines(typed: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys(line.strip() for line in typed.splitlines() if line.strip()))

"""Forms of claims, disputes, splits, transfers and their settings."""

from __future__ import annotations

import re
from decimal import Decimal
from typing import TYPE_CHECKING

from flask_babel import lazy_gettext as _
from flask_wtf.file import FileField
from wtforms import RadioField, SelectField, SelectMultipleField, StringField, TextAreaField
from wtforms.validators import InputRequired, NumberRange
from wtforms.widgets import CheckboxInput, ListWidget

from crm.pipeline.claims.kinds import OUTCOME_LABELS, Outcome
from crm.pipeline.claims.rules import LONGEST_DAYS, MINIMUM, ClaimDraft, Options, tenths
from crm.pipeline.forms import CHOOSE, LINE, LONG, VersionField, member
from crm.web.fields import WanField, WholeField
from crm.web.forms import Form, choices, optional, text
from crm.web.i18n import tr

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from crm.pipeline.claims.models import Claim
    from crm.pipeline.models import Project

PERCENT = re.compile(r"[0-9]{1,3}(\.[0-9])?")
ROWS = 4
DAYS = NumberRange(1, LONGEST_DAYS, _("请填 1 到 730 之间的天数。"))


class PercentField(WanField):
    """A share in percent, at most one decimal; blank means none."""

    def process_formdata(self, valuelist: Sequence[str]) -> None:
        """Read ``62.5`` or ``62.5%``."""
        self.data = None
        typed = valuelist[0].strip().rstrip("%％") if valuelist else ""
        if not typed:
            return
        if not PERCENT.fullmatch(typed) or tenths(Decimal(typed)) is None:
            raise ValueError(tr("请填 0 到 100 之间的数，最多一位小数，例如 62.5。"))
        self.data = Decimal(typed)


class ClaimForm(Form):
    """What a unit says when it files a claim; everything may be left blank in a draft."""

    content = TextAreaField(_("建设内容"), [LONG])
    total_investment = WanField(_("总投资（万元）"))
    fixed_investment = WanField(_("固定资产投资（万元）"))
    land = StringField(_("用地需求"), [LINE])
    energy = StringField(_("用能需求"), [LINE])
    environment = StringField(_("环境影响"), [LINE])
    output = WanField(_("预计年产值（万元）"))
    tax = WanField(_("预计年税收（万元）"))
    contact_id = SelectField(_("投资方联系人"), validate_choice=False)

    def offer(self, people: Iterable[tuple[int, str]]) -> ClaimForm:
        """Fill in whom one can name."""
        self.contact_id.choices = [*choices([("", "请选择")]), *choices([(str(key), name) for key, name in people])]
        return self

    def start(self, claim: Claim | None, project: Project) -> ClaimForm:
        """Begin with the draft, else with what the project says."""
        if claim is not None:
            for field in MINIMUM:
                value = getattr(claim, field)
                self[field].data = str(value) if field == "contact_id" and value else value
            return self
        self.content.data = project.content
        self.total_investment.data, self.fixed_investment.data = project.total_investment, project.fixed_investment
        self.land.data = tr("约%(mu)s亩", mu=project.land_mu) if project.land_mu else None
        return self

    def draft(self) -> ClaimDraft:
        """Return what was typed as the rules want it; only after validation."""
        chosen = self.contact_id.data or ""
        return ClaimDraft(
            content=text(self.content),
            total_investment=self.total_investment.data,
            fixed_investment=self.fixed_investment.data,
            land=optional(self.land),
            energy=optional(self.energy),
            environment=optional(self.environment),
            output=self.output.data,
            tax=self.tax.data,
            contact_id=int(chosen) if chosen.isascii() and chosen.isdigit() and len(chosen) < 18 else None,  # noqa: PLR2004 (fits a bigint)
        )


class EvidenceForm(Form):
    """What one side says, with a file if there is one."""

    claim_id = WholeField(_("哪一方"), [InputRequired()])
    body = TextAreaField(_("情况和依据"), [InputRequired(_("请写明情况和依据。")), LONG])
    file = FileField(_("附件"))


class RulingForm(Form):
    """Whose the investor is, and why."""

    version = VersionField()
    outcome = RadioField(_("裁定结果"), [CHOOSE])
    share = PercentField(_("首报方比例（百分比）"))
    reason = TextAreaField(_("理由"), [InputRequired(_("请写明裁定理由。")), LONG])

    def offer(self) -> RulingForm:
        """Fill in what can be chosen."""
        self.outcome.choices = choices(OUTCOME_LABELS.items())
        return self

    def chosen(self) -> tuple[Outcome | None, int | None]:
        """Return outcome and share."""
        return member(Outcome, self.outcome.data), tenths(self.share.data)


class TransferForm(Form):
    """To which unit, why, and which share stays."""

    to_unit_id = SelectField(_("接收单位"), [CHOOSE], coerce=int)
    from_share = PercentField(_("本单位保留的比例（百分比）"), [InputRequired(_("请填写比例，不保留填 0。"))])
    reason = TextAreaField(_("流转理由"), [InputRequired(_("请写明流转的理由，例如原址用地不符。")), LONG])

    def offer(self, units: Iterable[tuple[int, str]]) -> TransferForm:
        """Fill in what can be chosen."""
        self.to_unit_id.choices = choices(list(units))  # type: ignore[arg-type]  # coerced to int
        return self


class NoteForm(Form):
    """A remark with an approval."""

    note = TextAreaField(_("意见"), [LONG])


class SplitForm(Form):
    """Up to four units and their shares."""

    reason = TextAreaField(_("依据"), [InputRequired(_("请写明依据，例如双方协议的编号和日期。")), LONG])

    def offer(self, units: Iterable[tuple[int, str]]) -> SplitForm:
        """Fill in what can be chosen."""
        pairs = [*choices([("", "不填")]), *choices([(str(key), name) for key, name in units])]
        for number in range(ROWS):
            self[f"unit{number}"].choices = pairs
        return self

    def parts(self) -> list[tuple[int, int | None]]:
        """Return (unit, tenths of a percent) of the rows that name a unit or a share."""
        rows = [(self[f"unit{number}"].data, self[f"share{number}"].data) for number in range(ROWS)]
        return [(int(unit or 0), tenths(share)) for unit, share in rows if unit or share is not None]


for _number in range(ROWS):
    setattr(SplitForm, f"unit{_number}", SelectField(_("单位"), default=""))
    setattr(SplitForm, f"share{_number}", PercentField(_("比例（百分比）")))


class SettingsForm(Form):
    """How long, and what a claim must say."""

    protection_days = WholeField(_("保护期（天）"), [DAYS])
    ruling_days = WholeField(_("裁定时限（工作日）"), [DAYS])
    appeal_days = WholeField(_("申诉时限（工作日）"), [DAYS])
    soon_days = WholeField(_("到期前几天提醒"), [DAYS])
    required = SelectMultipleField(
        _("报备必填内容"), widget=ListWidget(prefix_label=False), option_widget=CheckboxInput()
    )

    def offer(self) -> SettingsForm:
        """Fill in what can be chosen."""
        self.required.choices = choices(MINIMUM.items())
        return self

    def settings(self) -> Options:
        """Return what was typed as the rules want it; only after validation."""
        return Options(
            protection_days=self.protection_days.data or 0,
            ruling_days=self.ruling_days.data or 0,
            appeal_days=self.appeal_days.data or 0,
            soon_days=self.soon_days.data or 0,
            required=tuple(key for key in MINIMUM if key in (self.required.data or [])),
        )

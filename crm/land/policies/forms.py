"""Forms of policies: head of a version, a clause, a review, an answer, values to reckon with."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask_babel import lazy_gettext as _
from wtforms import BooleanField, HiddenField, SelectField, StringField, TextAreaField
from wtforms.validators import InputRequired

from crm.land.carrier_forms import WORDS, words
from crm.pipeline.forms import CHOOSE, LINE, LONG, SHORT
from crm.resources.policies import rules
from crm.resources.policies.rules import (
    BASIS_LABELS,
    KIND_LABELS,
    LEVEL_LABELS,
    LIMIT_LABELS,
    REVIEW_LABELS,
    Basis,
    ClauseDraft,
    ClauseKind,
    Limit,
    PolicyLevel,
    ReviewDraft,
    VersionDraft,
)
from crm.web.fields import DayField, PlainField, WholeField
from crm.web.forms import Form, choices, text

if TYPE_CHECKING:
    from collections.abc import Iterable
    from decimal import Decimal

    from crm.auth.models import OrgUnit
    from crm.resources.policies.models import PolicyClause, PolicyVersion


class VersionForm(Form):
    """The head of a version."""

    title = StringField(_("政策名称"), [InputRequired(_("请填写政策全称，至少四个字。")), LINE])
    document_no = StringField(_("文号"), [InputRequired(_("请填写文号；没有文号的写“无文号”。")), SHORT])
    issuer = StringField(_("发文单位"), [InputRequired(_("请填写发文单位。")), LINE])
    level = SelectField(_("级别"), [CHOOSE])
    unit_id = SelectField(_("维护单位"), [CHOOSE])
    valid_from = DayField(_("生效日期"), [InputRequired(_("请填写生效日期。"))])
    valid_until = DayField(_("失效日期"))
    industries = TextAreaField(_("适用产业"), [WORDS])
    summary = TextAreaField(_("要点"), [LONG])
    seen = HiddenField()

    def offer(self, units: Iterable[OrgUnit]) -> VersionForm:
        """Fill in what can be chosen."""
        self.level.choices = choices(LEVEL_LABELS.items())
        self.unit_id.choices = [(str(unit.id), unit.name) for unit in units]
        return self

    def draft(self) -> VersionDraft:
        """Return what was typed; only after validation."""
        return VersionDraft(
            title=text(self.title),
            document_no=text(self.document_no),
            issuer=text(self.issuer),
            level=PolicyLevel(self.level.data),
            unit_id=int(self.unit_id.data),
            valid_from=self.valid_from.data,
            valid_until=self.valid_until.data,
            industries=words(text(self.industries)),
            summary=text(self.summary),
        )


def version_values(row: PolicyVersion, unit_id: int) -> dict[str, object]:
    """Give the head of a version as its form shows it."""
    return {
        "title": row.title, "document_no": row.document_no, "issuer": row.issuer, "level": str(row.level),
        "unit_id": str(unit_id), "valid_from": row.valid_from, "valid_until": row.valid_until,
        "industries": "、".join(row.industries), "summary": row.summary or "", "seen": str(row.version),
    }  # fmt: skip


class ClauseForm(Form):
    """One clause."""

    number = StringField(_("条款号"), [InputRequired(_("请填写条款号，例如 第三条（二）。")), SHORT])
    kind = SelectField(_("种类"), [CHOOSE])
    text = TextAreaField(_("原文"), [InputRequired(_("请填写条款原文，至少四个字。")), LONG])
    basis = SelectField(_("计算依据"))
    rate = PlainField(_("标准"))
    cap = PlainField(_("封顶（万元）"))
    years = WholeField(_("连续几年"))
    industries = TextAreaField(_("只给哪些产业"), [WORDS])
    only_foreign = BooleanField(_("只给外商投资项目"))
    min_fixed = PlainField(_(LIMIT_LABELS[Limit.FIXED]))
    min_intensity = PlainField(_(LIMIT_LABELS[Limit.INTENSITY]))
    min_tax = PlainField(_(LIMIT_LABELS[Limit.TAX]))
    min_staff = PlainField(_(LIMIT_LABELS[Limit.STAFF]))
    min_foreign = PlainField(_(LIMIT_LABELS[Limit.FOREIGN_USD]))

    def offer(self) -> ClauseForm:
        """Fill in what can be chosen."""
        self.kind.choices = choices(KIND_LABELS.items())
        self.basis.choices = [("", _("不能计算")), *choices(BASIS_LABELS.items())]
        return self

    def draft(self) -> ClauseDraft:
        """Return what was typed; only after validation."""
        limits: dict[str, Decimal | None] = {str(limit): self[limit].data for limit in Limit}
        return ClauseDraft(
            number=text(self.number),
            kind=ClauseKind(self.kind.data),
            text=text(self.text),
            basis=Basis(self.basis.data) if self.basis.data else None,
            rate=self.rate.data,
            cap=self.cap.data,
            years=self.years.data,
            industries=words(text(self.industries)),
            only_foreign=bool(self.only_foreign.data),
            **limits,
        )


def clause_values(row: PolicyClause) -> dict[str, object]:
    """Give a clause as its form shows it."""
    values = {name: getattr(row, name) for name in ("number", "text", "rate", "cap", "years", "only_foreign", *Limit)}
    more = {"kind": str(row.kind), "basis": str(row.basis or ""), "industries": "、".join(row.industries)}
    return {str(name): value for name, value in values.items()} | more


class ReviewForm(Form):
    """Result of a fair-competition review."""

    result = SelectField(_("审查结果"), [CHOOSE])
    organ = StringField(_("审查机构"), [InputRequired(_("请填写审查机构。")), LINE])
    on = DayField(_("审查日期"), [InputRequired(_("请选择日期。"))])
    basis = TextAreaField(_("依据"), [InputRequired(_("请写明法律、法规或文件依据，至少四个字。")), LONG])

    def offer(self) -> ReviewForm:
        """Fill in what can be chosen."""
        said = ((key, label) for key, label in REVIEW_LABELS.items() if key is not rules.Review.PENDING)
        self.result.choices = choices(said)
        return self

    def draft(self) -> ReviewDraft:
        """Return what was typed; only after validation."""
        assert self.on.data is not None  # noqa: S101 (the form demands it)
        return ReviewDraft(rules.Review(self.result.data), text(self.basis), self.on.data, text(self.organ))


class AnswerForm(Form):
    """One answer of the handbook."""

    body = TextAreaField(_("内容"), [InputRequired(_("请填写内容，最多4000个字。"))])


class ValuesForm(Form):
    """What a clause may be reckoned from, beside what the project says."""

    class Meta(Form.Meta):
        """Nothing is written: the address can be sent to a colleague."""

        csrf = False

    equipment = PlainField(_(BASIS_LABELS[Basis.EQUIPMENT]))
    foreign_usd = PlainField(_(BASIS_LABELS[Basis.FOREIGN_USD]))
    loan_interest = PlainField(_(BASIS_LABELS[Basis.LOAN_INTEREST]))
    research_cost = PlainField(_(BASIS_LABELS[Basis.RESEARCH_COST]))
    staff = PlainField(_(BASIS_LABELS[Basis.STAFF]))
    tax = PlainField(_("年纳税（万元）"))

    def values(self) -> dict[Basis, Decimal]:
        """Return what was typed by basis."""
        found = {basis: self[basis].data for basis in Basis if basis in self}
        return {basis: value for basis, value in found.items() if value is not None}

"""Forms of what the office sets: reviews, board, approval chains."""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING

from flask_babel import lazy_gettext as _
from wtforms import BooleanField, SelectField, StringField, TextAreaField
from wtforms.validators import InputRequired

from crm.pipeline.admission.rules import DIMENSIONS, STATUTORY, Terms
from crm.pipeline.admission.scorecard import CRITERIA
from crm.pipeline.approval.rules import MEETINGS, STATION_LABELS, Category, Routes, Station
from crm.pipeline.forms import CHOOSE, LINE
from crm.web.fields import DayField, WanField, WholeField
from crm.web.forms import Form, choices, text
from crm.web.i18n import tr

if TYPE_CHECKING:
    from collections.abc import Iterable

    from crm.auth.models import OrgUnit

QUORUMS = {"1/2": "二分之一", "2/3": "三分之二", "3/4": "四分之三", "1": "全体"}
NEEDED = InputRequired(_("请填写。"))
INTERNAL = tuple(key for key in DIMENSIONS if key not in STATUTORY)
SEPARATORS = "、，,→\n"


class TermsForm(Form):
    """What the office sets for its reviews."""

    opinion_days = WholeField(_("部门答复期限（工作日）"), [NEEDED])
    decision_days = WholeField(_("结论期限（工作日）"), [NEEDED])
    quorum = SelectField(_("法定人数"), [CHOOSE])
    veto = BooleanField(_("一票否决：有一项意见不通过，只能登记为不通过，不能暂缓"))
    intensity_floor = WanField(_("投资强度底线（万元/亩）"))
    tax_floor = WanField(_("亩均税收底线（万元/亩）"))
    deemed = BooleanField(_("启用超时视同同意（仅限内部意见，须有送达凭据）"))

    def offer(self, departments: Iterable[OrgUnit]) -> TermsForm:
        """Fill in what can be chosen."""
        pairs = [("0", "—"), *((str(unit.id), unit.name) for unit in departments)]
        for key in DIMENSIONS:
            self[f"unit_{key}"].choices = choices(pairs)
        self.quorum.choices = choices(QUORUMS.items())
        return self

    def show(self, terms: Terms) -> TermsForm:
        """Fill in what is set."""
        self.opinion_days.data, self.decision_days.data = terms.opinion_days, terms.decision_days
        self.quorum.data, self.veto.data, self.deemed.data = str(terms.quorum), terms.veto, terms.deemed
        self.intensity_floor.data, self.tax_floor.data = terms.intensity_floor, terms.tax_floor
        for key in DIMENSIONS:
            self[f"unit_{key}"].data = terms.departments.get(key, 0)
        for key in INTERNAL:
            self[f"internal_{key}"].data = key in terms.internal
        for key in CRITERIA:
            self[f"weight_{key}"].data = terms.weights.get(key, 0)
        return self

    def terms(self) -> Terms:
        """Return what was typed; only after validation."""
        return Terms(
            departments={key: self[f"unit_{key}"].data for key in DIMENSIONS if self[f"unit_{key}"].data},
            opinion_days=self.opinion_days.data,
            decision_days=self.decision_days.data,
            quorum=Fraction(self.quorum.data),
            veto=self.veto.data,
            weights={key: self[f"weight_{key}"].data or 0 for key in CRITERIA},
            intensity_floor=self.intensity_floor.data,
            tax_floor=self.tax_floor.data,
            deemed=self.deemed.data,
            internal=frozenset(key for key in INTERNAL if self[f"internal_{key}"].data),
        )


for _key, _label in DIMENSIONS.items():
    setattr(TermsForm, f"unit_{_key}", SelectField(_(_label), coerce=int))
for _key in INTERNAL:
    setattr(TermsForm, f"internal_{_key}", BooleanField(_(DIMENSIONS[_key])))
for _key, _label in CRITERIA.items():
    setattr(TermsForm, f"weight_{_key}", WholeField(_(_label)))


class MemberForm(Form):
    """Somebody on the board."""

    user_id = SelectField(_("委员"), [CHOOSE], coerce=int)
    chair = BooleanField(_("主任委员"))
    valid_from = DayField(_("自"), [InputRequired(_("请选择日期。"))])

    def offer(self, people: Iterable[tuple[int, str]]) -> MemberForm:
        """Fill in who can be chosen."""
        self.user_id.choices = choices((str(user_id), name) for user_id, name in people)
        return self


class RoutesForm(Form):
    """The meetings of each category, and the landing checklist."""

    checklist = TextAreaField(_("落地条件清单"), [NEEDED], description=_("一行一项"))

    def show(self, routes: Routes) -> RoutesForm:
        """Fill in what is set."""
        self.checklist.data = "\n".join(routes.checklist)
        for category in Category:
            names = [tr(STATION_LABELS[station]) for station in routes.chains[category]]
            self[f"chain_{category.value}"].data = "、".join(names)
        return self

    def routes(self) -> Routes:
        """Return what was typed; a meeting nobody knows leaves its chain empty, which the rules refuse."""
        chains = {category: _stations(text(self[f"chain_{category.value}"])) for category in Category}
        items = tuple(line.strip() for line in text(self.checklist).splitlines() if line.strip())
        return Routes(chains=chains, checklist=items)


for _category in Category:
    setattr(RoutesForm, f"chain_{_category.value}", StringField("", [NEEDED, LINE]))


def _stations(typed: str) -> tuple[Station, ...]:
    known = {name: station for station in MEETINGS for name in (STATION_LABELS[station], tr(STATION_LABELS[station]))}
    for sign in SEPARATORS:
        typed = typed.replace(sign, "\n")
    named = [part.strip() for part in typed.splitlines() if part.strip()]
    return tuple(known[name] for name in named) if all(name in known for name in named) else ()

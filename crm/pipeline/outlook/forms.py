"""Forms of the outlook."""

from __future__ import annotations

from flask_babel import lazy_gettext as _
from wtforms import StringField
from wtforms.validators import Length

from crm.pipeline.forms import VersionField
from crm.pipeline.outlook.rules import UNSIGNED, Outlook
from crm.pipeline.rules import STAGE_LABELS, Stage
from crm.web.fields import DayField, WholeField
from crm.web.forms import Form, text


class OutlookForm(Form):
    """When signing is expected, and how likely it is."""

    version = VersionField()
    expected_on = DayField(_("预计签约日期"))
    probability = WholeField(_("签约概率（百分比）"))
    reason = StringField(_("自定概率的理由"), [Length(max=200, message=_("最多200字。"))])

    def outlook(self) -> Outlook:
        """Return what was typed as the rules want it; only after validation."""
        return Outlook(self.expected_on.data, self.probability.data, text(self.reason))


class ChancesForm(Form):
    """Probability of signing by stage."""

    def by_stage(self) -> dict[Stage, int | None]:
        """Return what was typed; only after validation."""
        return {stage: self[str(stage)].data for stage in UNSIGNED}


for _stage in UNSIGNED:
    setattr(ChancesForm, str(_stage), WholeField(_(STAGE_LABELS[_stage])))

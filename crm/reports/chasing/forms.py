"""Forms of who has to report for a week."""

from __future__ import annotations

from flask_babel import lazy_gettext as _
from wtforms import RadioField, SelectMultipleField, StringField
from wtforms.widgets import CheckboxInput, ListWidget

from crm.reports.chasing.rules import NAMING_LABELS, Naming
from crm.web.forms import Form, choices


class SetupForm(Form):
    """Units that must report weekly, the hours before the cut-off, how the report names the rest."""

    units = SelectMultipleField(
        _("每周必须报送的单位"),
        coerce=int,
        option_widget=CheckboxInput(),
        widget=ListWidget(prefix_label=False),
        validate_choice=False,
    )
    hours = StringField(_("截稿前几小时提醒"), render_kw={"maxlength": 40, "inputmode": "numeric"})
    naming = RadioField(_("周报里怎么写"))

    def __init__(self, *args: object, **kwargs: object) -> None:
        """Offer the ways of naming in the person's language."""
        super().__init__(*args, **kwargs)
        self.naming.choices = choices((one.value, NAMING_LABELS[one]) for one in Naming)

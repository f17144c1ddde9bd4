"""The form that sets points instead of the automatic ones."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask_babel import lazy_gettext as _
from wtforms import RadioField, TextAreaField
from wtforms.validators import DataRequired, InputRequired, Length, NumberRange

from crm.web.fields import WholeField
from crm.web.forms import Form, choices

if TYPE_CHECKING:
    from typing import Any

DAYS: dict[str, str] = {"7": "一周", "30": "一个月", "90": "三个月"}


class OverrideForm(Form):
    """Points, why, and for how long."""

    points = WholeField(
        _("改为多少分"),
        [
            InputRequired(message=_("请填1到99之间的整数。")),
            NumberRange(min=1, max=99, message=_("请填1到99之间的整数。")),
        ],
    )
    reason = TextAreaField(
        _("为什么改"),
        [
            DataRequired(message=_("请写明系统不知道的情况，别人要看得懂。")),
            Length(max=500, message=_("请控制在500字以内。")),
        ],
    )
    days = RadioField(_("管多久"), default="30")

    def __init__(self, *args: Any, **kwargs: Any) -> None:  # noqa: ANN401 (signature of WTForms)
        """Offer the lengths in the person's language."""
        super().__init__(*args, **kwargs)
        self.days.choices = choices(DAYS.items())

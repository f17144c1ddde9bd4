"""Forms of confidentiality."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask_babel import lazy_gettext as _
from wtforms import SelectField, StringField
from wtforms.validators import InputRequired, Length

from crm.pipeline.forms import VersionField
from crm.web.forms import Form, choices

if TYPE_CHECKING:
    from collections.abc import Iterable


class ClassifyForm(Form):
    """The code name under which a project is kept."""

    version = VersionField()
    code_name = StringField(_("代号"), [InputRequired(_("请填写代号。")), Length(max=40, message=_("最多40字。"))])


class InsiderForm(Form):
    """Choose a person to name."""

    user_id = SelectField(_("知情人"), coerce=int, validate_choice=False)

    def offer(self, people: Iterable[tuple[int, str]]) -> InsiderForm:
        """Fill in who can be chosen."""
        self.user_id.choices = choices([(person_id, name) for person_id, name in people])  # type: ignore[misc]  # coerced to int
        return self

"""Base form: CSRF, trimmed text, and a place for what the rules refuse."""

from __future__ import annotations

import re
from functools import cache
from typing import TYPE_CHECKING, Any

from flask_wtf import FlaskForm
from markupsafe import Markup, escape
from wtforms.fields import SelectChoice  # type: ignore[attr-defined]  # older stubs
from wtforms.i18n import get_translations

from crm.web.i18n import locale, say, tr

if TYPE_CHECKING:
    from collections.abc import Iterable

    from wtforms import Field

    from crm.core.errors import Problem

CONTROLS = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]+")


def trimmed(value: object) -> object:
    """Strip surrounding spaces from text fields."""
    return value.strip() if isinstance(value, str) else value


def one_line(value: object) -> object:
    """Strip a text of one line, and let a space stand for line breaks and other control characters within."""
    return CONTROLS.sub(" ", value).strip() if isinstance(value, str) else value


def choices(pairs: Iterable[tuple[str, str]]) -> list[Any]:
    """Return the choices of a select field from (value, Chinese label) pairs, translated."""
    return [SelectChoice(value, tr(label)) for value, label in pairs]


TEXTS = {"StringField": one_line, "SearchField": one_line, "TextAreaField": trimmed}


def text(field: Field) -> str:
    """Return what was typed, never None."""
    return str(field.data or "")


def optional(field: Field) -> str | None:
    """Return what was typed, None when blank."""
    return str(field.data) if field.data else None


def attributes(**given: object) -> Markup:
    """Write the attributes of a field as WTForms does, in a tenth of the time: a form has a hundred of them."""
    written = []
    for name, value in sorted(given.items()):
        key = _attribute(name)
        if value is True:
            written.append(key)
        elif value is not False:
            written.append(f'{key}="{escape(value)}"')
    return Markup(" ".join(written))  # noqa: S704 (every value is escaped above, names are ours)


@cache
def _attribute(name: str) -> str:
    name = name.rstrip("_")
    return name.replace("_", "-") if name.startswith(("data_", "aria_")) else name


@cache
def _words(language: str) -> Any:  # noqa: ANN401 (the stubs do not name what it is)
    """What WTForms itself says, read once for a language and not for every form."""
    return get_translations((language,))


class Form(FlaskForm):  # type: ignore[misc]  # Flask-WTF ships no types
    """A form that keeps what was typed and shows refusals beside the field."""

    class Meta(FlaskForm.Meta):  # type: ignore[misc]  # Flask-WTF ships no types
        """Trim every text field, and write attributes our way."""

        def bind_field(self, form: FlaskForm, unbound: Any, options: dict[str, Any]) -> Any:  # noqa: ANN401 (signature of WTForms)
            """Add the trimming filter to fields that hold text; name the writer of attributes."""
            clean = TEXTS.get(unbound.field_class.__name__)
            if clean is not None:
                unbound.kwargs.setdefault("filters", [clean])
            field = super().bind_field(form, unbound, options)
            for widget in (field.widget, getattr(field, "option_widget", None)):
                if widget is not None and hasattr(widget, "html_params"):
                    widget.html_params = attributes
            return field

        def get_translations(self, form: FlaskForm) -> Any:  # noqa: ANN401, ARG002 (signature of WTForms)
            """Speak the person's language."""
            return _words(locale())

    def refuse(self, problems: Iterable[Problem]) -> None:
        """Put each problem beside its field, or at the top of the form."""
        for problem in problems:
            field = self._fields.get(problem.field or "")
            if field is None:
                self.form_errors.append(say(problem))
            else:
                field.errors = [*field.errors, say(problem)]

"""The form of a new token."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask_babel import lazy_gettext as _
from wtforms import SelectMultipleField, StringField
from wtforms.validators import InputRequired, Length
from wtforms.widgets import CheckboxInput, ListWidget

from crm.api.scopes import NAME, SCOPE_LABELS, SCOPE_PERMISSIONS, Scope, TokenDraft
from crm.web.fields import WholeField
from crm.web.forms import Form, choices, text

if TYPE_CHECKING:
    from crm.auth.rules import Actor


class TokenForm(Form):
    """Make a token."""

    name = StringField(
        _("给谁用"),
        [InputRequired(_("请写明令牌给谁用，例如“浙政钉同步”。")), Length(max=NAME, message=_("最多80字。"))],
    )
    scopes = SelectMultipleField(
        _("用途"), widget=ListWidget(prefix_label=False), option_widget=CheckboxInput(), validate_choice=False
    )
    days = WholeField(_("有效期（天）"))

    def offer(self, actor: Actor) -> TokenForm:
        """Offer the scopes that are of any use to the person."""
        useful = [scope for scope in Scope if any(map(actor.may, SCOPE_PERMISSIONS[scope]))]
        self.scopes.choices = choices((scope.value, SCOPE_LABELS[scope]) for scope in useful)
        return self

    def draft(self) -> TokenDraft:
        """Return what was typed as the rules want it."""
        return TokenDraft(text(self.name), frozenset(self.scopes.data or ()), self.days.data or 0)

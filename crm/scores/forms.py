"""Forms of the list of the week and of a score."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask_babel import lazy_gettext as _
from wtforms import RadioField, StringField
from wtforms.validators import Length

from crm.web.forms import Form, choices, text

if TYPE_CHECKING:
    from typing import Any

OTHER = "other"
WHY: dict[str, str] = {
    "busy": "对方近期忙，约好以后再联系",
    "answer": "等我方答复（政策、土地、价格）",
    "moved": "联系人出差或换了人",
    "hands": "本周人手排不开",
    OTHER: "其他，请在下面写明",
}
WEEKS: dict[str, str] = {"1": "下周一", "2": "两周后", "4": "四周后"}


class DeferralForm(Form):
    """Why an enterprise is put off, and until when."""

    reason = RadioField(_("为什么这周先不找"), default="busy")
    note = StringField(_("补充说明"), [Length(max=80, message=_("请控制在80字以内。"))])
    weeks = RadioField(_("什么时候回到名单"), default="1")

    def __init__(self, *args: Any, **kwargs: Any) -> None:  # noqa: ANN401 (signature of WTForms)
        """Offer reasons and weeks in the person's language."""
        super().__init__(*args, **kwargs)
        self.reason.choices = choices(WHY.items())
        self.weeks.choices = choices(WEEKS.items())

    def words(self) -> str:
        """Give the reason as it is kept: what was chosen, and what was written beside it."""
        note = text(self.note)
        if self.reason.data in {OTHER, None}:
            return note
        return f"{WHY[self.reason.data]}；{note}" if note else WHY[self.reason.data]

"""Forms of the weekly report."""

from __future__ import annotations

from flask_babel import lazy_gettext as _
from wtforms import DateTimeLocalField, HiddenField, IntegerField, StringField, TextAreaField
from wtforms.validators import InputRequired, Optional, Regexp
from wtforms.widgets import HiddenInput

from crm.web.forms import Form


class BuildForm(Form):
    """Which week to build, and as of when."""

    week = StringField(_("周"), [Regexp(r"^\d{4}-W\d{2}$", message=_("周要写成 2026-W46 这样。"))])
    cutoff = DateTimeLocalField(_("截稿时间"), [Optional()])


class SectionForm(Form):
    """The new text of one section, with the version it was read at."""

    version = IntegerField(widget=HiddenInput(), validators=[InputRequired(_("请刷新页面再试。"))])
    section = HiddenField()
    text = TextAreaField(_("内容"))


class ReturnForm(Form):
    """Why a report is sent back, with the version that was read."""

    version = IntegerField(widget=HiddenInput(), validators=[InputRequired(_("请刷新页面再试。"))])
    reason = TextAreaField(_("退回原因"), render_kw={"rows": 3, "maxlength": 500})


class FreezeForm(Form):
    """The version that is frozen, sent in, taken back or approved."""

    version = IntegerField(widget=HiddenInput(), validators=[InputRequired(_("请刷新页面再试。"))])

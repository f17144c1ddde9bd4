"""Forms of the list importer."""

from __future__ import annotations

from flask_babel import lazy_gettext as _
from flask_wtf.file import FileField, FileRequired
from wtforms import IntegerField, StringField
from wtforms.validators import Length, NumberRange, Optional

from crm.web.forms import Form


class UploadForm(Form):
    """Choose a file."""

    file = FileField(_("名单文件"), [FileRequired(_("请选择要导入的文件。"))])


class StartForm(Form):
    """Say which list it is."""

    list_name = StringField(_("榜单名称"), [Length(max=80, message=_("最多 80 个字。"))])
    year = IntegerField(_("年度"), [Optional(), NumberRange(1990, 2100, _("年度应在 1990 到 2100 之间。"))])
    source = StringField(_("来源"), [Length(max=200, message=_("最多 200 个字。"))])

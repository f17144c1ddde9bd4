"""Forms of the importer."""

from __future__ import annotations

from flask_babel import lazy_gettext as _
from flask_wtf.file import FileField, FileRequired
from wtforms import BooleanField, IntegerField, RadioField, SelectField, SelectMultipleField, StringField
from wtforms.validators import Length, NumberRange, Optional
from wtforms.widgets import CheckboxInput, ListWidget

from crm.web.forms import Form

LIST, LEDGER = "list", "ledger"
KINDS = ((LIST, "公布的榜单（有名称和年度）"), (LEDGER, "自己的台账（不进榜单）"))
MODES = (("both", "新增并更新"), ("create", "只新增，已有的不动"), ("update", "只更新，没有的不新增"))


class UploadForm(Form):
    """Choose a file."""

    file = FileField(_("文件"), [FileRequired(_("请选择要导入的文件。"))])


class MappingForm(Form):
    """What a file is and how it is written; its columns are read beside the form, as each file has its own."""

    kind = RadioField(_("种类"), choices=[], default=LEDGER)
    list_name = StringField(_("榜单名称"), [Length(max=80, message=_("最多 80 个字。"))])
    year = IntegerField(_("年度"), [Optional(), NumberRange(1990, 2100, _("年度应在 1990 到 2100 之间。"))])
    source = StringField(_("来源"), [Length(max=200, message=_("最多 200 个字。"))])
    mode = RadioField(_("写入方式"), choices=[], default="both")
    keys = SelectMultipleField(
        _("怎样算同一家"), widget=ListWidget(prefix_label=False), option_widget=CheckboxInput(), choices=[]
    )
    overwrite = BooleanField(_("表里的值替换登记册里已有的值（空格不替换）"))
    unit_id = SelectField(_("联系人归谁"), choices=[], coerce=int)

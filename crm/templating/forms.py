"""Form of a template."""

from __future__ import annotations

from flask_babel import lazy_gettext as _
from flask_wtf.file import FileField, FileRequired

from crm.web.forms import Form


class TemplateForm(Form):
    """The edited template."""

    file = FileField(_("Word 模板"), [FileRequired(_("请选择改好的 .docx 模板。"))])

"""Forms of signing in, set-up and preferences."""

from __future__ import annotations

from flask_babel import lazy_gettext as _
from wtforms import PasswordField, StringField
from wtforms.validators import InputRequired, Length

from crm.web.forms import Form

NAME_LENGTH = 80


class LoginForm(Form):
    """Sign in."""

    username = StringField(_("用户名"), [InputRequired(_("请填写用户名。")), Length(max=NAME_LENGTH)])
    password = PasswordField(_("密码"), [InputRequired(_("请填写密码。")), Length(max=1000)])


class SetupForm(Form):
    """Create the first administrator."""

    code = StringField(_("一次性验证码"), [InputRequired(_("请填写启动窗口里显示的验证码。")), Length(max=40)])
    office = StringField(
        _("单位名称"), [InputRequired(_("请填写单位名称，例如“云溪县招商局”。")), Length(max=NAME_LENGTH)]
    )
    name = StringField(_("您的姓名"), [InputRequired(_("请填写姓名。")), Length(max=NAME_LENGTH)])
    username = StringField(_("用户名"), [InputRequired(_("请填写用户名。")), Length(max=NAME_LENGTH)])
    password = PasswordField(_("密码"), [InputRequired(_("请填写密码。"))])


class PasswordForm(Form):
    """Change one's own password."""

    old_password = PasswordField(_("原密码"), [InputRequired(_("请填写原密码。"))])
    password = PasswordField(_("新密码"), [InputRequired(_("请填写新密码。"))])

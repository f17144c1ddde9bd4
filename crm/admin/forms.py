"""Forms of the administration: people, posts, units."""

from __future__ import annotations

from typing import Self

from flask_babel import lazy_gettext as _
from wtforms import DateField, PasswordField, SelectField, StringField
from wtforms.validators import InputRequired, Length, Optional

from crm.auth.rules import ROLE_LABELS, UNIT_LABELS
from crm.web.fields import DayField
from crm.web.forms import Form, choices

NAME_LENGTH = 80
LINE_LENGTH = 200
NAME_NEEDED = _("请填写名称。")


class PersonForm(Form):
    """A new account with its first post."""

    name = StringField(_("姓名"), [InputRequired(_("请填写姓名。")), Length(max=NAME_LENGTH)])
    username = StringField(_("用户名"), [InputRequired(_("请填写用户名。")), Length(max=NAME_LENGTH)])
    title = StringField(_("职务"), [Optional(), Length(max=NAME_LENGTH)])
    password = PasswordField(_("初始密码"), [InputRequired(_("请设一个初始密码，本人首次登录时须修改。"))])
    unit = SelectField(_("机构"), coerce=int)
    role = SelectField(_("角色"))

    def fill(self, units: list[tuple[str, str]]) -> None:
        """Set the units and roles to choose from."""
        self.unit.choices = choices(units)
        self.role.choices = choices((role.value, label) for role, label in ROLE_LABELS.items())


class PostForm(Form):
    """One more post for a person."""

    unit = SelectField(_("机构"), coerce=int)
    role = SelectField(_("角色"))
    valid_from = DateField(_("自"), [InputRequired(_("请选择生效日期。"))])

    def fill(self, units: list[tuple[str, str]]) -> None:
        """Set the units and roles to choose from."""
        self.unit.choices = choices(units)
        self.role.choices = choices((role.value, label) for role, label in ROLE_LABELS.items())


class UnitForm(Form):
    """A new unit."""

    name = StringField(_("机构名称"), [InputRequired(NAME_NEEDED), Length(max=NAME_LENGTH)])
    kind = SelectField(_("类型"))
    parent = SelectField(_("上级机构"), coerce=int)
    managing = SelectField(_("管理单位"), coerce=int, description=_("驻点由谁管理；没有可不选"))
    region = StringField(_("负责区域"), [Optional(), Length(max=NAME_LENGTH)])
    valid_from = DateField(_("成立日期"), [InputRequired(_("请选择成立日期。"))])

    def fill(self, units: list[tuple[str, str]]) -> None:
        """Set kinds and units to choose from."""
        self.kind.choices = choices((kind.value, label) for kind, label in UNIT_LABELS.items())
        self.parent.choices = choices([("0", "—"), *units])
        self.managing.choices = choices([("0", "—"), *units])


class UnitChangeForm(Form):
    """Rename a unit or move it, from a day on."""

    name = StringField(_("机构名称"), [InputRequired(NAME_NEEDED), Length(max=NAME_LENGTH)])
    parent = SelectField(_("上级机构"), coerce=int)
    managing = SelectField(_("管理单位"), coerce=int)
    region = StringField(_("负责区域"), [Optional(), Length(max=NAME_LENGTH)])
    day = DayField(_("生效日期"), [InputRequired(_("请选择日期，例如 2026-11-20。"))])
    reason = StringField(_("依据或原因"), [InputRequired(_("请写明依据或原因，例如文号。")), Length(max=LINE_LENGTH)])

    def fill(self, units: list[tuple[str, str]]) -> Self:
        """Set the units to choose from."""
        self.parent.choices = choices([("0", "—"), *units])
        self.managing.choices = choices([("0", "—"), *units])
        return self


class UnitCloseForm(Form):
    """Close a unit after a last day."""

    last_day = DayField(_("最后一天"), [InputRequired(_("请选择日期，例如 2026-11-20。"))])
    successor = SelectField(_("接收机构"), coerce=int)
    close_reason = StringField(
        _("依据或原因"), [InputRequired(_("请写明依据或原因，例如文号。")), Length(max=LINE_LENGTH)]
    )

    def fill(self, units: list[tuple[str, str]]) -> Self:
        """Set the units to choose from."""
        self.successor.choices = choices([("0", "—"), *units])
        return self

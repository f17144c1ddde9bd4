"""How the office calls itself to the sites it reads (the user agent of its crawls)."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from flask import Blueprint, flash, redirect, render_template, url_for
from flask_babel import lazy_gettext as _
from wtforms import StringField
from wtforms.validators import Length

from crm.auth.identity import current_actor
from crm.auth.rules import Permission
from crm.core import options
from crm.core.errors import Problem
from crm.news import queries
from crm.news.options import AGENT
from crm.web import db, timing
from crm.web.access import requires
from crm.web.forms import Form, text
from crm.web.i18n import tr

if TYPE_CHECKING:
    from flask.typing import ResponseReturnValue

bp = Blueprint("source_agent", __name__, url_prefix="/sources/agent")
_PRINTABLE = re.compile(r"[\x20-\x7e]{0,200}")
_SECRET = re.compile(r"(?:token|key|secret|passw|bearer|cookie)\w*\s*[=:]|bearer\s", re.IGNORECASE)
WRONG = Problem("agent.wrong", "只能用英文字母、数字和普通符号，不超过200个字符。", "user_agent")
SECRET = Problem("agent.secret", "这里的内容每个网站都看得到，不能放密钥或口令。", "user_agent")


class AgentForm(Form):
    """Name the office to the sites."""

    user_agent = StringField(_("抓取身份（User-Agent）"), [Length(max=200, message=_("不超过200个字符。"))])


@bp.get("")
@requires(Permission.SOURCE_MANAGE)
def show() -> ResponseReturnValue:
    """Show what it is."""
    told = queries.agent(db.session()).get("user_agent", "")
    return render_template("news/agent.html", form=AgentForm(formdata=None, user_agent=told))


@bp.post("")
@requires(Permission.SOURCE_MANAGE)
def save() -> ResponseReturnValue:
    """Keep it; blank means our own."""
    form = AgentForm()
    typed = text(form.user_agent)
    problem = WRONG if not _PRINTABLE.fullmatch(typed) else SECRET if _SECRET.search(typed) else None
    if not form.validate() or problem:
        form.refuse([problem] if problem else [])
        return render_template("news/agent.html", form=form), 422
    options.write(db.session(), current_actor().user_id, AGENT, {"user_agent": typed}, now=timing.now())
    flash(tr("已保存，下次抓取起生效"), "ok")
    return redirect(url_for("source_agent.show"), 303)

"""Pages of the office's group robots."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask import Blueprint, current_app, flash, redirect, render_template, url_for

from crm.auth.identity import current_actor
from crm.auth.queries import unit_names, units
from crm.auth.rules import Permission
from crm.core.errors import DomainError
from crm.notices import channels
from crm.notices.forms import ChannelForm
from crm.notices.rules import KIND_LABELS, ROBOT_KINDS, STATE_LABELS, VENDOR_LABELS, DeliveryState
from crm.web import db, timing
from crm.web.access import requires
from crm.web.i18n import tr

if TYPE_CHECKING:
    from flask.typing import ResponseReturnValue

    from crm.auth.models import OrgUnit
    from crm.notices.models import NoticeChannel

bp = Blueprint("notice_channels", __name__, url_prefix="/notices/channels")
MANAGERS = (Permission.PIPELINE_CONFIGURE, Permission.ADMIN_MANAGE)


@bp.get("")
@requires(*MANAGERS)
def index() -> ResponseReturnValue:
    """List the group robots and offer to add one."""
    form = ChannelForm(formdata=None, kinds=[kind.value for kind in ROBOT_KINDS])
    return _index(form.offer(_units()))


@bp.post("")
@requires(*MANAGERS)
def add() -> ResponseReturnValue:
    """Add a group robot."""
    form = ChannelForm().offer(_units())
    if form.validate():
        try:
            row = channels.add(db.session(), current_actor(), form.draft(), _allowed(), now=timing.now())
        except DomainError as error:
            form.refuse(error.problems)
        else:
            flash(tr("已添加群机器人，可以发一条测试消息"), "ok")
            return redirect(url_for("notice_channels.show", channel_id=row.id), 303)
    return _index(form), DomainError.status


@bp.get("/<int:channel_id>")
@requires(*MANAGERS)
def show(channel_id: int) -> ResponseReturnValue:
    """Show one robot: what it carries and how that went."""
    row = channels.get(db.session(), channel_id)
    form = ChannelForm(
        formdata=None,
        name=row.name,
        vendor=row.vendor.value,
        unit_id=str(row.unit_id or ""),
        kinds=row.kinds,
        active=row.active,
    )
    return _page(row, form.offer(_units()))


@bp.post("/<int:channel_id>")
@requires(*MANAGERS)
def change(channel_id: int) -> ResponseReturnValue:
    """Change a robot."""
    session = db.session()
    row = channels.get(session, channel_id)
    form = ChannelForm().offer(_units())
    form.vendor.data = row.vendor.value
    if form.validate():
        try:
            channels.change(session, current_actor(), channel_id, form.draft(), _allowed(), now=timing.now())
        except DomainError as error:
            form.refuse(error.problems)
        else:
            flash(tr("已保存"), "ok")
            return redirect(url_for("notice_channels.show", channel_id=channel_id), 303)
    return _page(row, form), DomainError.status


@bp.post("/<int:channel_id>/try")
@requires(*MANAGERS)
def try_out(channel_id: int) -> ResponseReturnValue:
    """Send a message that says that it works."""
    channels.try_out(db.session(), current_actor(), channel_id, now=timing.now())
    flash(tr("测试消息已排队，几秒后刷新看结果"), "ok")
    return redirect(url_for("notice_channels.show", channel_id=channel_id), 303)


@bp.post("/<int:channel_id>/again")
@requires(*MANAGERS)
def send_again(channel_id: int) -> ResponseReturnValue:
    """Try again what was refused."""
    count = channels.send_again(db.session(), current_actor(), channel_id, now=timing.now())
    flash(tr("已重新排队%(n)s条", n=count), "ok")
    return redirect(url_for("notice_channels.show", channel_id=channel_id), 303)


@bp.post("/<int:channel_id>/remove")
@requires(*MANAGERS)
def remove(channel_id: int) -> ResponseReturnValue:
    """Take a robot away."""
    name = channels.remove(db.session(), current_actor(), channel_id, now=timing.now())
    flash(tr("已删除群机器人“%(name)s”", name=name), "ok")
    return redirect(url_for("notice_channels.index"), 303)


def _units() -> list[OrgUnit]:
    return units(db.session(), timing.today())


def _allowed() -> tuple[str, ...]:
    allowed: tuple[str, ...] = current_app.config["SETTINGS"].robot_allow
    return allowed


def _index(form: ChannelForm) -> str:
    session = db.session()
    rows = channels.listed(session)
    return render_template(
        "notices/channels.html",
        rows=rows,
        form=form,
        counts=channels.counts(session),
        units=unit_names(session, [row.unit_id for row in rows if row.unit_id]),
        **_words(),
    )


def _page(row: NoticeChannel, form: ChannelForm) -> str:
    session = db.session()
    return render_template(
        "notices/channel.html",
        row=row,
        form=form,
        deliveries=channels.deliveries(session, row.id),
        states=STATE_LABELS,
        **_words(),
    )


def _words() -> dict[str, object]:
    return {"vendors": VENDOR_LABELS, "kinds": KIND_LABELS, "hint": channels.hint, "State": DeliveryState}

"""Administration: what runs, who may do what, and who did what."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask import Blueprint, flash, redirect, render_template, request, url_for

from crm.admin import queries
from crm.admin.forms import PersonForm, PostForm
from crm.auth import queries as auth_queries
from crm.auth import services
from crm.auth.identity import current_actor
from crm.auth.models import Roster, User
from crm.auth.rules import ROLE_LABELS, Permission, Role
from crm.core import taskadmin
from crm.core.errors import DomainError, NotFoundError, Problem
from crm.core.tasks import TaskState
from crm.web import db, timing
from crm.web.access import requires
from crm.web.forms import optional, text
from crm.web.i18n import tr

if TYPE_CHECKING:
    from flask.typing import ResponseReturnValue

bp = Blueprint("admin", __name__)
STATE_LABELS: dict[TaskState, str] = {
    TaskState.DEAD: "失败",
    TaskState.NEW: "等待",
    TaskState.SENT: "已派发",
    TaskState.RUNNING: "运行中",
    TaskState.DONE: "完成",
    TaskState.CANCELLED: "已取消",
}
KIND_LABELS: dict[str, str] = {
    "crawl": "抓取信源",
    "ingest": "入库文章",
    "analyse": "识别动态",
    "assess": "考核计算",
    "apply_counting": "按认定规则判定项目",
    "close_period": "封账",
    "rescore": "企业评分",
    "rescore_all": "夜间重评",
    "due_sources": "检查到期信源",
    "import_list": "导入名单",
    "try_rule": "试跑规则",
    "train": "训练第二意见",
    "train_due": "检查要不要训练",
    "preview_scores": "预览谁的分数会变",
    "backtest_scores": "用历史检验评分模型",
    "retrain_scores": "检查要不要重新检验评分模型",
    "weekly_draft": "生成周报",
    "chase_weekly": "提醒没有报送周报的单位",
    "paper_draft": "拟通报和材料",
    "housekeeping": "日常清理",
}
PERSON_ABSENT = Problem("user.absent", "没有这个账号。")


def unit_pairs() -> list[tuple[str, str]]:
    """Units valid today as (id, name) pairs."""
    return [(str(unit.id), unit.name) for unit in auth_queries.units(db.session(), timing.today())]


@bp.get("/admin")
@requires(Permission.ADMIN_MANAGE, Permission.TASK_MANAGE, Permission.AUDIT_READ)
def index() -> ResponseReturnValue:
    """Show what runs, waits and failed."""
    return render_template(
        "admin/index.html",
        overview=queries.overview(db.session(), now=timing.now()),
        schedules=queries.schedules(db.session()),
        states=STATE_LABELS,
        kinds=KIND_LABELS,
    )


@bp.get("/admin/tasks")
@requires(Permission.TASK_MANAGE)
def tasks() -> ResponseReturnValue:
    """List background tasks; dead ones can be run again."""
    asked = request.args.get("state", "")
    state = TaskState(asked) if asked in set(TaskState) else None
    page = queries.tasks(db.session(), state, cursor=request.args.get("cursor"))
    return render_template("admin/tasks.html", page=page, state=state, states=STATE_LABELS, kinds=KIND_LABELS)


@bp.post("/admin/tasks/<int:task_id>/rerun")
@requires(Permission.TASK_MANAGE)
def rerun(task_id: int) -> ResponseReturnValue:
    """Run a dead task again."""
    taskadmin.rerun(db.session(), current_actor().user_id, task_id, now=timing.now())
    flash(tr("任务 %(id)s 已重新排队。", id=task_id), "ok")
    return redirect(url_for("admin.tasks", state=TaskState.DEAD))


@bp.post("/admin/tasks/<int:task_id>/cancel")
@requires(Permission.TASK_MANAGE)
def cancel(task_id: int) -> ResponseReturnValue:
    """Call a waiting task off."""
    taskadmin.cancel(db.session(), current_actor().user_id, task_id, now=timing.now())
    flash(tr("任务 %(id)s 已取消。", id=task_id), "ok")
    return redirect(url_for("admin.tasks"))


@bp.get("/admin/people")
@requires(Permission.ADMIN_MANAGE)
def people() -> ResponseReturnValue:
    """List accounts with their posts."""
    return render_template(
        "admin/people.html", people=auth_queries.people(db.session()), roles=ROLE_LABELS, today=timing.today()
    )


@bp.route("/admin/people/new", methods=["GET", "POST"])
@requires(Permission.ADMIN_MANAGE)
def new_person() -> ResponseReturnValue:
    """Create an account with its first post."""
    form = PersonForm()
    form.fill(unit_pairs())
    if request.method == "GET":
        return render_template("admin/person_new.html", form=form)
    if form.validate():
        account = services.NewUser(
            text(form.username), text(form.name), text(form.password), optional(form.title), must_change=True
        )
        posts = [(int(form.unit.data), Role(form.role.data))]
        try:
            user = services.create_user(
                db.session(), current_actor(), account, posts, now=timing.now(), today=timing.today()
            )
        except DomainError as error:
            form.refuse(error.problems)
        else:
            flash(tr("已创建账号 %(name)s。", name=user.name), "ok")
            return redirect(url_for("admin.people"))
    return render_template("admin/person_new.html", form=form), 422


@bp.get("/admin/people/<int:user_id>")
@requires(Permission.ADMIN_MANAGE)
def person(user_id: int) -> ResponseReturnValue:
    """Show one account: posts, state, password."""
    form = PostForm(formdata=None, valid_from=timing.today())
    form.fill(unit_pairs())
    return _person_page(_person(user_id), form), 200


@bp.post("/admin/people/<int:user_id>/posts")
@requires(Permission.ADMIN_MANAGE)
def add_post(user_id: int) -> ResponseReturnValue:
    """Give a person a role in a unit."""
    form, user = PostForm(), _person(user_id)
    form.fill(unit_pairs())
    if not form.validate() or form.valid_from.data is None:
        return _person_page(user, form), 422
    roster = Roster(
        user_id=user.id, unit_id=int(form.unit.data), role=Role(form.role.data), valid_from=form.valid_from.data
    )
    services.assign(db.session(), current_actor(), roster, now=timing.now())
    flash(tr("编组已保存。"), "ok")
    return redirect(url_for("admin.person", user_id=user_id))


@bp.post("/admin/posts/<int:roster_id>/end")
@requires(Permission.ADMIN_MANAGE)
def end_post(roster_id: int) -> ResponseReturnValue:
    """End a person's role in a unit."""
    roster = services.end_roster(db.session(), current_actor(), roster_id, now=timing.now(), today=timing.today())
    flash(tr("编组已结束。"), "ok")
    return redirect(url_for("admin.person", user_id=roster.user_id))


@bp.post("/admin/people/<int:user_id>/active")
@requires(Permission.ADMIN_MANAGE)
def activate(user_id: int) -> ResponseReturnValue:
    """Enable or disable an account."""
    active = request.form.get("active") == "1"
    user = services.set_active(db.session(), current_actor(), user_id, active=active, now=timing.now())
    flash(tr("已启用 %(name)s。" if active else "已停用 %(name)s，其登录已全部失效。", name=user.name), "ok")
    return redirect(url_for("admin.person", user_id=user_id))


@bp.post("/admin/people/<int:user_id>/password")
@requires(Permission.ADMIN_MANAGE)
def reset_password(user_id: int) -> ResponseReturnValue:
    """Set a one-time password and show it once."""
    password = services.reset_password(db.session(), current_actor(), user_id, now=timing.now())
    return render_template("admin/password_once.html", user=_person(user_id), password=password)


@bp.get("/admin/audit")
@requires(Permission.AUDIT_READ)
def audit() -> ResponseReturnValue:
    """Search the audit trail."""
    wanted = queries.AuditFilter(
        actor_id=request.args.get("actor", type=int),
        action=request.args.get("action", "").strip(),
        subject_type=request.args.get("subject", "").strip(),
    )
    page = queries.audit_trail(db.session(), current_actor(), wanted, cursor=request.args.get("cursor"))
    names = queries.actor_names(db.session(), page.rows)
    people_list = auth_queries.people(db.session())
    return render_template("admin/audit.html", page=page, wanted=wanted, names=names, people=people_list)


def _person(user_id: int) -> User:
    user = db.session().get(User, user_id)
    if user is None:
        raise NotFoundError(PERSON_ABSENT)
    return user


def _person_page(user: User, form: PostForm) -> str:
    listed = [row for row in auth_queries.people(db.session()) if row.id == user.id]
    return render_template("admin/person.html", user=listed[0], form=form, roles=ROLE_LABELS, today=timing.today())

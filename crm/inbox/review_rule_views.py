"""Pages of the rules of kinds: the table with its tests, one rule, a text to try them on, a trial on past articles."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any

from flask import Blueprint, flash, redirect, render_template, request, url_for

from crm.auth import queries as people
from crm.auth.identity import current_actor
from crm.auth.rules import Permission
from crm.core.errors import DomainError
from crm.core.text import fold
from crm.inbox.review_rule_forms import RuleForm
from crm.signals import learning_runs as runs
from crm.signals import office_rules as rules
from crm.signals.kinds import KIND_LABELS, SignalKind
from crm.signals.reading import read
from crm.web import db, timing
from crm.web.access import requires
from crm.web.i18n import tr

if TYPE_CHECKING:
    from flask.typing import ResponseReturnValue

    from crm.signals.office_rules import Shown

bp = Blueprint("rule_table", __name__)
NEW = "new"
LONGEST = 5000
OK = 200
FIELD_WORDS = {
    "*created": "新建", "kind": "类型", "weight": "权重", "pattern": "匹配式", "not_pattern": "排除式",
    "enabled": "启用", "yes": "应当匹配的例句", "no": "不应匹配的例句", "note": "说明",
}  # fmt: skip
GUARD_WORDS = {
    "earnings": "业绩数字", "buyback": "回购、质押、分红", "market": "股市行情", "stopped_listing": "上市终止",
    "sport": "体育", "leisure": "文娱", "household": "户口、落户政策", "housing": "住房", "statistics": "统计数据",
    "policy": "政策文件", "opinion": "研报和评论", "product": "新品和售价", "counting": "数家数",
    "fund_product": "理财和基金",
    "wish": "希望、交换意见", "advice": "提醒、科普", "official": "干部任免", "diplomacy": "外交", "realty": "房企拿地",
    "medical": "集采、医保", "bonds": "债券", "charity": "公益", "history": "往事",
    "authority": "执法司法机关", "office": "官员职务", "drug": "药品审批", "epidemic": "疫情防控",
    "supposed": "假设", "state_en": "外国政府（英文）", "stage": "影视、游戏", "macro": "主权评级、油价、罢工",
    "public": "各地项目计划", "infrastructure": "基建、住宅、学校", "contract": "中标、供货合同",
    "lending": "网贷、集资", "counted": "按家数统计", "outlook": "行情展望", "regulators": "监管表态",
    "war": "战事、灾害", "trade": "关税、制裁", "meeting": "会议、培训", "daily": "生活话题",
    "wrap": "行情综述", "unchanged": "计划不变", "goods": "商品、证券产品",
}  # fmt: skip
OTHER = "其他内容"


@bp.get("/signals/rules")
@requires(Permission.SIGNAL_READ, Permission.SOURCE_MANAGE)
def index() -> ResponseReturnValue:
    """Show the rules of a kind with their tests."""
    return render_template("review/rules.html", **_table(), tried=None, text="")


@bp.post("/signals/rules/try")
@requires(Permission.SIGNAL_READ, Permission.SOURCE_MANAGE)
def attempt() -> ResponseReturnValue:
    """Show what the rules find in a text that somebody typed."""
    text = request.form.get("text", "")[:LONGEST]
    found = read(text, rules.table(db.session()))
    tried = [
        {
            "quote": text[found.sentences[number].raw_start : found.sentences[number].raw_end],
            "kind": kind.value,
            "rules": list(dict.fromkeys(match.rule.key for match in matches)),
            "weight": max(match.rule.weight for match in matches),
        }
        for number, kind, matches in found.by_sentence()
    ]
    return render_template("review/rules.html", **_table(), tried=tried, text=text)


@bp.get("/signals/rules/<key>")
@requires(Permission.SIGNAL_READ, Permission.SOURCE_MANAGE)
def show(key: str) -> ResponseReturnValue:
    """Show one rule to be changed, or a new one."""
    form = RuleForm(formdata=None)
    shown = None if key == NEW else rules.one(db.session(), key)
    if shown is not None:
        form.show(shown)
    else:
        form.kind.data, form.weight.data = request.args.get("kind", SignalKind.CAPX.value), Decimal("0.7")
    return _page(form, shown, 200)


@bp.post("/signals/rules/<key>")
@requires(Permission.SOURCE_MANAGE)
def save(key: str) -> ResponseReturnValue:
    """Keep a rule, or try it on past articles first."""
    session, actor, form = db.session(), current_actor(), RuleForm()
    form.fill_choices()
    shown = None if key == NEW else rules.one(session, key)
    if not form.validate():
        return _page(form, shown, 422)
    try:
        if "trial" in request.form:
            return _start_trial(key, shown, form)
        version = request.form.get("version", 0, type=int)
        kept = rules.save(session, actor, None if key == NEW else key, form.draft(), version=version, now=timing.now())
    except DomainError as error:
        if error.status not in {409, 422}:
            raise
        form.refuse(error.problems)
        return _page(form, shown, error.status)
    flash(tr("规则已保存，新分析的报道按它判断。"), "ok")
    return redirect(url_for("rule_table.show", key=kept.key), 303)


@bp.post("/signals/rules/<key>/switch")
@requires(Permission.SOURCE_MANAGE)
def switch(key: str) -> ResponseReturnValue:
    """Switch a rule off or on."""
    enabled = request.form.get("enabled") == "1"
    kept = rules.switch(db.session(), current_actor(), key, enabled=enabled, now=timing.now())
    flash(tr("已启用这条规则。") if enabled else tr("已停用这条规则，新分析的报道不再用它。"), "ok")
    return redirect(url_for("rule_table.index", kind=kept.kind), 303)


@bp.post("/signals/rules/<key>/remove")
@requires(Permission.SOURCE_MANAGE)
def remove(key: str) -> ResponseReturnValue:
    """Delete an own rule, or give a packaged one back as it came."""
    session = db.session()
    kind = rules.one(session, key).row.kind
    rules.remove(session, current_actor(), key, now=timing.now())
    flash(tr("已恢复或删除这条规则。"), "ok")
    return redirect(url_for("rule_table.index", kind=kind), 303)


@bp.get("/signals/rules/trials/<int:run_id>")
@requires(Permission.SIGNAL_READ)
def trial(run_id: int) -> ResponseReturnValue:
    """Show how far a trial is and what it found, as a page or as a part."""
    run = runs.get(db.session(), run_id)
    template = "review/_trial.html" if "HX-Request" in request.headers else "review/trial.html"
    return render_template(template, run=run)


@bp.post("/signals/rules/trials/<int:run_id>/stop")
@requires(Permission.SOURCE_MANAGE)
def stop(run_id: int) -> ResponseReturnValue:
    """Stop a trial; what it found stays."""
    run = runs.stop(db.session(), current_actor(), run_id, now=timing.now())
    return redirect(url_for("rule_table.trial", run_id=run.id), 303)


def _start_trial(key: str, shown: Shown | None, form: RuleForm) -> ResponseReturnValue:
    draft = form.draft()
    row = rules.draft_row(key, draft)
    if shown is not None and shown.packaged is not None and not draft.pattern:
        row = shown.packaged
    else:
        rules.check(key, draft)
    run = runs.start_trial(db.session(), current_actor(), row, now=timing.now())
    return redirect(url_for("rule_table.trial", run_id=run.id), 303)


def _table() -> dict[str, Any]:
    every = rules.listing(db.session())
    counts = {kind.value: sum(one.row.kind == kind for one in every) for kind in SignalKind}
    kind = request.args.get("kind", SignalKind.CAPX.value)
    kind = kind if kind in counts else SignalKind.CAPX.value
    tabs = [
        {
            "label": tr(KIND_LABELS[SignalKind(value)]), "count": number, "current": value == kind,
            "href": url_for("rule_table.index", kind=value),
        }
        for value, number in counts.items()
    ]  # fmt: skip
    broken = sum(not one.sound for one in every)
    return {"rows": [one for one in every if one.row.kind == kind], "kind": kind, "kinds": tabs, "broken": broken}


def _page(form: RuleForm, shown: Shown | None, status: int) -> tuple[str, int]:
    session = db.session()
    form.fill_choices()
    key = shown.row.key if shown else NEW
    changes = rules.history(session, key) if shown and shown.office else ()
    names = people.names(session, [one.by for one in changes if one.by])
    run = runs.latest(session, runs.TRIAL, key)
    guards = [tr(GUARD_WORDS.get(key, OTHER)) for key in shown.packaged.guards] if shown and shown.packaged else []
    context = {"form": form, "shown": shown, "key": key, "changes": changes, "names": names, "run": run}
    tests = [(text, wanted, _fares(form, shown, text) is wanted) for text, wanted in _examples(form, shown, status)]
    return render_template(
        "review/rule.html", tests=tests, fields=FIELD_WORDS, said=_said, guards=guards, **context
    ), status


def _said(field: str, value: object) -> str:
    """Write a value of the history for people."""
    if value is None or value == []:
        return tr("无")
    if isinstance(value, bool):
        return tr("是") if value else tr("否")
    if isinstance(value, list):
        return "；".join(map(str, value))
    return tr(KIND_LABELS[SignalKind(str(value))]) if field == "kind" else str(value)


def _examples(form: RuleForm, shown: Shown | None, status: int) -> list[tuple[str, bool]]:
    """The examples to try; none when what was typed could keep us busy, which is why it was refused."""
    draft = form.draft()
    if status != OK and draft.pattern and not rules.harmless(shown.row.key if shown else NEW, draft):
        return []
    packaged = shown.row if shown else None
    yes = draft.yes or (packaged.match if packaged else ())
    no = draft.no or (packaged.refuse if packaged else ())
    return [*((text, True) for text in yes), *((text, False) for text in no)]


def _fares(form: RuleForm, shown: Shown | None, text: str) -> bool:
    """Whether the rule as it stands in the form matches a text; a pattern that cannot be read matches nothing."""
    row = rules.draft_row(shown.row.key if shown else NEW, form.draft())
    if not row.pattern and shown is not None:
        row = shown.row
    return rules.finds(row, fold(text))

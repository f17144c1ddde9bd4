"""Versions of the table of points: begun, edited, published, rolled back, thrown away. Nothing here commits."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import date
from typing import TYPE_CHECKING, Any

from sqlalchemy import func, select

from crm.auth.rules import Permission
from crm.core import audit
from crm.core.errors import ConflictError, DomainError, ForbiddenError, NotFoundError, Problem
from crm.scoremodel import diffs, runs
from crm.scoremodel.models import Purpose, RunState, ScoreRun
from crm.scoremodel.rules import Candidate, Verdict, publish_problems
from crm.scoring import services as scoring
from crm.scoring import tablejson
from crm.scoring.live import ensured
from crm.scoring.models import ModelKind, ModelState, ScoreModel

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from sqlalchemy.orm import Session

    from crm.auth.rules import Actor
    from crm.scoring.table import PointsTable

SUBJECT = "score_model"
DECIDED = "score.decide"
EXPERT_LABEL = "专家权重，未校准"
MOST_DRAFTS = 20
MISSING = Problem("model.missing", "没有这个版本，它可能已被删除。")
NO_PUBLISH = Problem("score.publish", "发布和回退评分版本须由招商办或领导操作。")
NOT_DRAFT = Problem("model.draft", "这个版本发布过，不能再改；请以它为底稿新建一个版本。")
NOT_EXPERT = Problem("model.expert", "拟合出的权重由数据决定，不能手工修改；请改专家权重，或重新检验。")
MANY = Problem("model.many", "未发布的版本已有20个，请先删除不用的，再新建。")
CHANGED = Problem("model.changed", "别人刚改过这个版本，请看过现在的内容再改。")
OVERTAKEN = Problem("model.overtaken", "别人刚发布了另一个版本，请看过现在的情况再决定。")
NOTHING = Problem("model.nothing", "没有改动，不用保存。")


@dataclass(frozen=True, slots=True)
class Edit:
    """What a person typed: points by (feature, code), half-lives by kind, borders by grade, a name."""

    label: str = EXPERT_LABEL
    points: Mapping[tuple[str, int], float] = field(default_factory=dict)
    half_lives: Mapping[str, float] = field(default_factory=dict)
    grades: Mapping[str, int] = field(default_factory=dict)


def get(session: Session, model_id: int, *, lock: bool = False) -> ScoreModel:
    """Return a version; raise NotFoundError."""
    statement = select(ScoreModel).where(ScoreModel.id == model_id).execution_options(populate_existing=lock)
    model = session.scalar(statement.with_for_update() if lock else statement)
    if model is None:
        raise NotFoundError(MISSING)
    return model


def table_of(model: ScoreModel) -> PointsTable:
    """Read the table of a version."""
    return tablejson.from_json(model.table)


def begin(session: Session, actor: Actor, model_id: int | None, *, now: datetime) -> ScoreModel:
    """Begin a new version from one that exists, the live one by default; what was fitted stays the data's own."""
    runs.may_manage(actor)
    live_id = ensured(session, now).model_id
    source = get(session, model_id or live_id or 0)
    if source.kind is ModelKind.FITTED:
        raise DomainError(NOT_EXPERT)
    drafts = select(func.count()).where(ScoreModel.state == ModelState.DRAFT, ScoreModel.kind == ModelKind.EXPERT)
    if (session.scalar(drafts) or 0) >= MOST_DRAFTS:
        raise DomainError(MANY)
    model = ScoreModel(kind=ModelKind.EXPERT, state=ModelState.DRAFT, label=source.label, parent_id=source.id)
    model.version, model.created_at, model.created_by_id = next_version(session, "expert"), now, actor.user_id
    _keep_table(model, table_of(source))
    session.add(model)
    session.flush()
    audit.record(session, actor.user_id, "score.begin", (SUBJECT, model.id), now=now, version=model.version)
    return model


def edit(session: Session, actor: Actor, model_id: int, edit_: Edit, *, seen: str, now: datetime) -> ScoreModel:
    """Change a version that was never live; ``seen`` is the digest of the table the person looked at."""
    runs.may_manage(actor)
    model = get(session, model_id, lock=True)
    if model.state is not ModelState.DRAFT:
        raise DomainError(NOT_DRAFT)
    if model.kind is ModelKind.FITTED:
        raise DomainError(NOT_EXPERT)
    before = table_of(model)
    if diffs.digest(before) != seen:
        raise ConflictError(CHANGED)
    after = diffs.edited(before, edit_.points, edit_.half_lives, edit_.grades)
    problems = tablejson.problems(after)
    if problems:
        raise DomainError(*problems)
    changes = diffs.between(before, after)
    if not changes and edit_.label == model.label:
        raise DomainError(NOTHING)
    model.label = edit_.label
    _keep_table(model, after)
    audit.record(session, actor.user_id, "score.edit", (SUBJECT, model.id), now=now, levels=len(changes.points))
    session.flush()
    return model


def remove(session: Session, actor: Actor, model_id: int, *, now: datetime) -> None:
    """Throw away a version that was never live; its previews go with it."""
    runs.may_manage(actor)
    model = get(session, model_id, lock=True)
    if model.state is not ModelState.DRAFT:
        raise DomainError(NOT_DRAFT)
    for child in session.scalars(select(ScoreModel).where(ScoreModel.parent_id == model.id)):
        child.parent_id = model.parent_id
    session.flush()
    session.delete(model)
    audit.record(session, actor.user_id, "score.remove", (SUBJECT, model.id), now=now, version=model.version)
    session.flush()


def publish(
    session: Session, actor: Actor, model_id: int, note: str, *, seen_live: int | None, now: datetime
) -> ScoreModel:
    """Put a version in force, or an earlier one back; of two who do so at once the second is told.

    ``seen_live`` is the version that was in force when the person decided. All enterprises are scored anew.
    """
    if not actor.may(Permission.SCORE_PUBLISH):
        raise ForbiddenError(NO_PUBLISH)
    before = _locked_live(session, now)
    model = get(session, model_id, lock=True)
    if before.id != seen_live:
        raise ConflictError(OVERTAKEN)
    problems = publish_problems(candidate(session, model, before), note)
    if problems:
        raise DomainError(*problems)
    told: dict[str, Any] = {"version": model.version, "before": before.version, "note": note.strip()}
    told["back"] = model.state is ModelState.RETIRED
    model.note = note.strip()
    audit.record(session, actor.user_id, DECIDED, (SUBJECT, model.id), now=now, **told)
    scoring.publish(session, actor, model.id, now=now)
    return model


def candidate(session: Session, model: ScoreModel, current: ScoreModel | None) -> Candidate:
    """Say what speaks for and against putting a version in force."""
    return Candidate(
        live=model.state is ModelState.LIVE,
        fitted=model.kind is ModelKind.FITTED,
        once_live=model.state is ModelState.RETIRED,
        verdict=verdict_of(model),
        previewed=previewed(session, model, current) is not None,
    )


def verdict_of(model: ScoreModel) -> Verdict | None:
    """What the test of a fitted version says; None when it was not tested."""
    report = model.report or {}
    gate = report.get("gate")
    if gate is None:
        return None
    names = {feature.key: feature.label_zh for feature in table_of(model).features}
    leaks = tuple(names.get(one["key"], one["key"]) for one in report.get("features", ()) if one["leaks"])
    return Verdict(float(gate["share"]), float(gate["needed"]), bool(report["signal"]), leaks)


def previewed(session: Session, model: ScoreModel, current: ScoreModel | None) -> ScoreRun | None:
    """The newest finished preview of a version, if both tables are still what it compared."""
    run = session.scalar(
        select(ScoreRun)
        .where(ScoreRun.purpose == Purpose.PREVIEW, ScoreRun.subject == subject_of(model))
        .where(ScoreRun.state == RunState.DONE)
        .order_by(ScoreRun.id.desc())
        .limit(1)
    )
    if run is None or current is None or run.result.get("against") != current.id:
        return None
    return run if run.result.get("digest") == diffs.digest(table_of(model)) else None


def subject_of(model: ScoreModel) -> str:
    """Name the previews of a version."""
    return f"model:{model.id}"


def next_version(session: Session, kind: str) -> str:
    """Name the next version of a kind: expert-3, fitted-12."""
    names = session.scalars(select(ScoreModel.version).where(ScoreModel.version.startswith(f"{kind}-")))
    numbers = [int(number) for name in names if (number := name.removeprefix(f"{kind}-")).isdigit()]
    return f"{kind}-{max(numbers, default=0) + 1}"


def keep_fitted(
    session: Session, table: PointsTable, report: Mapping[str, Any], *, parent_id: int | None, now: datetime
) -> ScoreModel:
    """Keep a fitted table as a version that may be published; fitted ones never published before it go."""
    old = select(ScoreModel).where(ScoreModel.kind == ModelKind.FITTED, ScoreModel.state == ModelState.DRAFT)
    version = next_version(session, "fitted")
    for model in session.scalars(old):
        session.delete(model)
    session.flush()
    model = ScoreModel(kind=ModelKind.FITTED, state=ModelState.DRAFT, label=table.label_zh, parent_id=parent_id)
    model.version, model.created_at, model.report = version, now, dict(report)
    model.won, model.lost = report["won"], report["lost"]
    model.window_from, model.window_to = (date.fromisoformat(f"{month}-01") for month in report["window"])
    _keep_table(model, table)
    session.add(model)
    session.flush()
    return model


def _keep_table(model: ScoreModel, table: PointsTable) -> None:
    model.table = tablejson.to_json(replace(table, version=model.version, label_zh=model.label))


def _locked_live(session: Session, now: datetime) -> ScoreModel:
    """Lock the version in force; whoever waited for another publisher finds what that one left."""
    ensured(session, now)
    for _try in range(2):
        found = session.scalar(
            select(ScoreModel)
            .where(ScoreModel.state == ModelState.LIVE)
            .with_for_update()
            .execution_options(populate_existing=True)
        )
        if found is not None:
            return found
    raise ConflictError(OVERTAKEN)

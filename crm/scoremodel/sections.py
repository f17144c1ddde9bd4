"""What the pages on models share: tabs, words of levels, names of states."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from flask import url_for

from crm.scoremodel.words import AXIS_LABELS, half_life_words, level_words
from crm.scoring.models import ModelKind, ModelState
from crm.scoring.table import Axis
from crm.web.i18n import tr

if TYPE_CHECKING:
    from crm.scoring.models import ScoreModel
    from crm.scoring.table import Feature, PointsTable

TABS = (
    ("score_model.index", "模型效果"),
    ("score_model.table", "权重表"),
    ("score_versions.index", "版本"),
)
KIND_LABELS: dict[ModelKind, str] = {ModelKind.EXPERT: "专家权重", ModelKind.FITTED: "数据拟合"}
STATE_LABELS: dict[ModelState, tuple[str, str, str]] = {
    ModelState.LIVE: ("正在使用", "green", "circle-check"),
    ModelState.DRAFT: ("未发布", "grey", "edit"),
    ModelState.RETIRED: ("用过", "grey", "history"),
}


def tabs(current: str) -> list[dict[str, object]]:
    """The tabs of the pages."""
    return [{"label": tr(label), "href": url_for(name), "current": name == current} for name, label in TABS]


def shared(current: str, **more: Any) -> dict[str, Any]:  # noqa: ANN401 (whatever a template shows)
    """Give a template what all pages show."""
    given = {"tabs": tabs(current), "kinds": KIND_LABELS, "states": STATE_LABELS, "axes": AXIS_LABELS}
    return {**given, "level_words": said_level, "feature_words": tr, "groups": by_axis, "kind_words": half_life, **more}


def by_axis(table: PointsTable) -> list[tuple[str, list[Feature]]]:
    """Features under the sub-sum they belong to."""
    return [(tr(AXIS_LABELS[axis]), [one for one in table.features if one.axis is axis]) for axis in Axis]


def said_level(feature: Feature, code: int) -> str:
    """Say a level in the person's language."""
    words, params = level_words(feature, code)
    return tr(words, **{name: tr(value) if isinstance(value, str) else value for name, value in params.items()})


def half_life(table: PointsTable, kind: str) -> str:
    """Name what a half-life belongs to, in the person's language."""
    return tr(half_life_words(table, kind))


def title_of(model: ScoreModel) -> str:
    """Name a version for people: its number and its label."""
    return f"{model.version} · {tr(model.label)}"

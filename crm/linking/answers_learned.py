"""Learned weights as the office keeps them: the last model of a subject, its figures, whether it counts.

A model counts when it rests on enough answers, its cross-validated F1 is not worse than without it, and the office
has not switched it off.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import select

from crm.core import audit, options
from crm.linking import answers_names as names
from crm.linking.answers_models import LearnedModel
from crm.linking.scorer import Scorer

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    from sqlalchemy.orm import Session

SIGNALS, LINKER = "signals", "linker"
KEPT = 12
MOVED, SHOWN = 0.01, 12
Trained = tuple[dict[str, Any], dict[str, Any]]


def store(
    session: Session, subject: str, trained: Trained, answers: int, *, by: int | None, now: datetime
) -> LearnedModel:
    """Keep a trained model with its figures; say whether it may be used. Older ones beyond :data:`KEPT` go."""
    numbers, figures = trained
    enough = answers >= names.settings(session)["least"]
    usable = enough and figures["f1"] >= figures["rules_f1"]
    changed = differences(latest(session, subject), numbers)
    row = LearnedModel(subject=subject, numbers=numbers, answers=answers, usable=usable, made_by=by, made_at=now)
    row.figures = {**figures, "enough": enough, "changed": changed}
    session.add(row)
    session.flush()
    detail = {"about": subject, "answers": answers, "usable": usable, "f1": figures["f1"]}
    audit.record(session, by, "learning.trained", ("learned_model", row.id), now=now, **detail)
    for old in history(session, subject)[KEPT:]:
        session.delete(old)
    return row


def latest(session: Session, subject: str) -> LearnedModel | None:
    """Return the last model trained, used or not."""
    return next(iter(history(session, subject, limit=1)), None)


def history(session: Session, subject: str, *, limit: int = KEPT + 10) -> Sequence[LearnedModel]:
    """Return the last models, the newest first."""
    statement = select(LearnedModel).where(LearnedModel.subject == subject).order_by(LearnedModel.id.desc())
    return session.scalars(statement.limit(limit)).all()


def in_use(session: Session, subject: str) -> LearnedModel | None:
    """Return the model that counts now, if any."""
    row = latest(session, subject)
    return row if row is not None and row.usable and names.settings(session)[subject] else None


def number_in_use(session: Session, subject: str) -> int:
    """Return the number of the model that counts now, 0 when none does: one small query, for pages."""
    last = select(LearnedModel.id, LearnedModel.usable).where(LearnedModel.subject == subject)
    last = last.order_by(LearnedModel.id.desc()).limit(1)
    kept = select(options.OfficeOption.value).where(options.OfficeOption.key == names.OPTION).scalar_subquery()
    row = session.execute(last.add_columns(kept.label("kept"))).one_or_none()
    return int(row.id) if row and row.usable and (row.kept or {}).get(subject, 1) else 0


def scorer(session: Session) -> tuple[int, Scorer | None]:
    """Return the weights of the office for the finder of names with their number; 0 and None for the packaged ones."""
    row = in_use(session, LINKER)
    return (row.id, Scorer(float(row.numbers["bias"]), row.numbers["weights"])) if row else (0, None)


def differences(before: LearnedModel | None, numbers: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Say which weights moved most since the model before: name, weight before, weight now."""
    new = _weights(numbers)
    old = _weights(before.numbers if before else numbers.get("prior") or {})
    moved = {name: (old.get(name, 0.0), new.get(name, 0.0)) for name in {*new, *old}}
    top = sorted(moved.items(), key=lambda item: (-abs(item[1][1] - item[1][0]), item[0]))[:SHOWN]
    return [{"name": name, "before": round(a, 3), "now": round(b, 3)} for name, (a, b) in top if abs(a - b) > MOVED]


def _weights(numbers: Mapping[str, Any]) -> dict[str, float]:
    found = {piece: float(pair[1]) for piece, pair in numbers.get("terms", {}).items()}
    for part in ("rules", "weights"):
        found |= {name: float(weight) for name, weight in numbers.get(part, {}).items()}
    return found

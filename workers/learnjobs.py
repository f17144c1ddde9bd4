"""Jobs of teaching: a rule tried on past articles, models trained on answers; only these load scikit-learn."""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

from crm.core import clock
from crm.signals import learning_runs

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from workers.contract import Context, Payload, Result

TRY_SECONDS = 900
TRAIN_SECONDS = 1800
Trained = tuple[tuple[dict[str, Any], dict[str, Any]], int]
TEACHERS = {
    "signals": ("crm.signals.learning_data", "crm.signals.learning_training"),
    "linker": ("crm.linking.answers_evidence", "crm.linking.answers_training"),
}


def try_rule(payload: Payload, context: Context) -> int:
    """Try a rule on the articles of the last days, in small transactions."""
    return learning_runs.try_rule(context.database, int(payload["run_id"]), clock.now, context.progress)


def tried(session: Session, payload: Payload, data: int, context: Context) -> Result:  # noqa: ARG001 (shape of a job)
    """Say how many articles the rule found."""
    return {"found": data}


def train(payload: Payload, context: Context) -> Trained | None:
    """Train on the answers of the office, outside any transaction; None when they are too few."""
    with context.database.reading() as session:
        run = learning_runs.get(session, int(payload["run_id"]))
        data, trainer = TEACHERS[run.subject]
        examples: list[Any] = importlib.import_module(data).examples(session)
    context.progress(20, "")
    made = importlib.import_module(trainer).train(examples)
    return (made, len(examples)) if made else None


def due(session: Session, payload: Payload, context: Context) -> Result:  # noqa: ARG001 (shape of a job)
    """Ask for the trainings that new answers make worth while."""
    return {"started": learning_runs.train_due(session, now=context.now)}


def trained(session: Session, payload: Payload, data: Trained | None, context: Context) -> Result:
    """Keep the model with its figures, unless somebody stopped the run."""
    return learning_runs.keep_model(session, int(payload["run_id"]), data, now=context.now)

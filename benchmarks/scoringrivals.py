"""The rivals of the card: one-hot logistic regression, and LightGBM where it is installed."""

from __future__ import annotations

import importlib.util
from typing import TYPE_CHECKING

import numpy as np
from sklearn.compose import ColumnTransformer
from sklearn.impute import SimpleImputer
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder, StandardScaler

from crm.scoring.model.frame import Kind

if TYPE_CHECKING:
    from crm.scoring.model.arrays import Flags, Floats
    from crm.scoring.model.frame import Frame
    from crm.scoring.model.trial import Rival

LOGISTIC, LIGHTGBM, LIGHTGBM_NAMES = "logistic_regression", "lightgbm", "lightgbm_categories"
TREES, RATE = 200, 0.05


def has_lightgbm() -> bool:
    """Whether the optional package is there."""
    return importlib.util.find_spec("lightgbm") is not None


def rivals() -> dict[str, Rival]:
    """Give all rivals that can run."""
    found: dict[str, Rival] = {LOGISTIC: logistic}
    if has_lightgbm():
        found[LIGHTGBM] = lambda past, won, now: _boosted(past, won, now, names=False)
        found[LIGHTGBM_NAMES] = lambda past, won, now: _boosted(past, won, now, names=True)
    return found


def logistic(past: Frame, won: Flags, now: Frame) -> Floats:
    """One-hot categories, scaled numbers with a mark where they are missing, ridge penalty 1."""
    numbers = [place for place, column in enumerate(past.columns) if column.kind is not Kind.CATEGORY]
    names = [place for place, column in enumerate(past.columns) if column.kind is Kind.CATEGORY]
    columns = ColumnTransformer(
        [
            ("numbers", make_pipeline(SimpleImputer(strategy="median", add_indicator=True), StandardScaler()), numbers),
            ("names", OneHotEncoder(handle_unknown="ignore", min_frequency=5), names),
        ]
    )
    model = make_pipeline(columns, LogisticRegression(max_iter=2_000))
    model.fit(_table(past), won)
    return np.asarray(model.predict_proba(_table(now))[:, 1])


def _boosted(past: Frame, won: Flags, now: Frame, *, names: bool) -> Floats:
    """200 trees at 0.05, else the package's defaults; categories as codes or by its own way."""
    from lightgbm import LGBMClassifier  # noqa: PLC0415 -- an optional package of the group "bench"

    model = LGBMClassifier(n_estimators=TREES, learning_rate=RATE, n_jobs=1, verbose=-1)
    places = [place for place, column in enumerate(past.columns) if column.kind is Kind.CATEGORY]
    model.fit(_gaps(past), won, categorical_feature=places if names else "auto")
    return np.asarray(model.predict_proba(_gaps(now))[:, 1])


def _table(frame: Frame) -> Floats:
    """Give a table in which a missing name is a name of its own."""
    columns = [
        np.nan_to_num(column.values, nan=-1.0) if column.kind is Kind.CATEGORY else column.values
        for column in frame.columns
    ]
    return np.column_stack(columns)


def _gaps(frame: Frame) -> Floats:
    return np.column_stack([column.values for column in frame.columns])

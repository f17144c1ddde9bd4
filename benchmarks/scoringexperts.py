"""Experts' tables for three public sets, written by hand from the names of the columns, before any fit.

Points: +10 doubles the odds. Somebody who has heard of these sets wrote them, so they are rather good.
"""

from __future__ import annotations

from typing import Any

from crm.scoring.model.binning import GONE

XEDU: dict[str, Any] = {
    "features": [
        {"key": "Lead Origin", "levels": {"Lead Add Form": 18, "API": -2, "Lead Import": -4}},
        {
            "key": "Lead Source",
            "levels": {"Reference": 8, "Welingak Website": 10, "Olark Chat": -3, "Direct Traffic": -2},
        },
        {"key": "Do Not Email", "levels": {"Yes": -12}},
        {"key": "Do Not Call", "levels": {"Yes": -4}},
        {"key": "TotalVisits", "bins": [[0, -4], [1, 0], [3, 2], [6, 3]]},
        {"key": "Total Time Spent on Website", "bins": [[0, -8], [60, -6], [300, -2], [600, 4], [1000, 10]]},
        {
            "key": "What is your current occupation",
            "levels": {"Working Professional": 15, "Housewife": 4, "Student": -2, GONE: -6},
        },
        {"key": "Specialization", "levels": {GONE: -4}},
    ]
}
BANK: dict[str, Any] = {
    "features": [
        {
            "key": "job",
            "levels": {"student": 6, "retired": 6, "admin.": 2, "blue-collar": -4, "services": -2, "entrepreneur": -2},
        },
        {"key": "education", "levels": {"university.degree": 3, "basic.9y": -2, "basic.6y": -2, "basic.4y": -2}},
        {"key": "default", "levels": {"yes": -10, GONE: -4}},
        {"key": "marital", "levels": {"single": 1}},
        {"key": "age", "bins": [[0, 3], [25, 0], [60, 6]]},
        {"key": "campaign", "bins": [[0, 2], [2, 0], [4, -3], [8, -8]]},
        {"key": "pdays", "bins": [[0, 15], [900, -1]]},
        {"key": "previous", "bins": [[0, -1], [1, 3], [2, 6]]},
    ]
}
OLIST: dict[str, Any] = {
    "features": [
        {
            "key": "origin",
            "levels": {"paid_search": 3, "organic_search": 2, "direct_traffic": 1, "social": -4, "email": -4},
        },
        {"key": "weekday", "levels": {"weekday 6": -1, "weekday 7": -1}},
    ]
}
TABLES = {"olist": OLIST, "xedu": XEDU, "bank-no-macro": BANK}

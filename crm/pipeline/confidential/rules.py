"""Confidential projects: what makes a code name. Pure.

Source: practice of the trade (a project is kept under a code name until its investor agrees to be named).
"""

from __future__ import annotations

from crm.core.errors import Problem

LONGEST = 40
SHORTEST = 2
CLASSIFY, DECLASSIFY = "project.classify", "project.declassify"
NAME, STRIKE = "project.insider_add", "project.insider_remove"


def code_name_problems(code_name: str, names: tuple[str, ...]) -> list[Problem]:
    """Reasons why a code name cannot be used; ``names`` are what it has to hide."""
    code = code_name.strip()
    if not SHORTEST <= len(code) <= LONGEST:
        return [Problem("code_name.length", "请填写2到40字的代号，例如“青竹”。", "code_name")]
    if any(code in name or name in code for name in names if name):
        return [Problem("code_name.telling", "代号不能取自项目名称或企业名称，请换一个看不出来的。", "code_name")]
    return []

"""The kind of import that brings policies in: one line a clause, into drafts that wait for their review."""

from __future__ import annotations

from crm.imports.policies.fields import FIELDS
from crm.imports.policies.taking import PolicyTaker
from crm.imports.policies.undoing import PHASES
from crm.imports.sheets.contract import Sheet

SHEET = Sheet(
    FIELDS,
    ("title", "document_no", "number"),
    "number",
    PolicyTaker,
    PHASES,
    tips=(
        "一行一条条款：政策名称、文号和条款号每行都写；发文单位、级别和日期写在该政策的第一行就行。",
        "都进草稿：公平竞争审查不能导入，每一条在政策页登记审查之后，才能发布和承诺。",
        "已经发布的政策不会改动：先在政策页建立新版本，再导入到它的草稿。",
    ),
)

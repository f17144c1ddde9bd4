"""The kind of import that brings chains in: one line a node."""

from __future__ import annotations

from crm.imports.chains.fields import FIELDS
from crm.imports.chains.taking import ChainTaker
from crm.imports.chains.undoing import PHASES
from crm.imports.sheets.contract import Sheet

SHEET = Sheet(
    FIELDS,
    ("chain", "node"),
    "node",
    ChainTaker,
    PHASES,
    unit_needed=False,
    tips=(
        "一行一个环节：产业链和环节两列必填，新环节还要写位置；从系统导出的产业链表改好就能再导入。",
        "登记册里没有的产业链会新建；“供应给”写同一条链上的环节，只增加，不去掉已有的。",
        "本地企业要先在登记册里；没有登记的，环节照样导入，在那一格注明。",
    ),
)

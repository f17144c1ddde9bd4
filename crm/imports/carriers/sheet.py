"""The kind of import that brings carriers in: one line a park, plot, factory or floor."""

from __future__ import annotations

from crm.imports.carriers.fields import FIELDS
from crm.imports.carriers.taking import CarrierTaker
from crm.imports.carriers.undoing import PHASES
from crm.imports.sheets.contract import Sheet

SHEET = Sheet(
    FIELDS,
    ("code",),
    "name",
    CarrierTaker,
    PHASES,
    tips=(
        "一行一处载体，编号必填、不能重复：登记册里已有的编号是更新，没有的新增。",
        "新增的要写名称、类别和面积：园区和地块按亩，厂房和楼层按平方米；标题或格里写了单位的会折算。",
        "园区和园区里的载体可以在同一张表里，先后不限。占用记录不从这里导入。",
    ),
)

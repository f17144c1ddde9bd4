"""Words and amounts that the names of all projects share, left out when names are compared. Pure."""

from __future__ import annotations

import re

COMMON = re.compile(
    r"(年产|项目|建设|生产线|生产|基地|二期|一期|三期|新建|扩建|技改|工程|总部|研发|及|和|与|产业园|园区|"
    r"[0-9.]+(万|亿)?(吨|台套|台|套|件|只|支|辆|平方米|米|gwh|mwh|kwh|个|元)?)"
)

"""Words of the pages where people teach."""

from __future__ import annotations

from typing import TYPE_CHECKING

from crm.linking.reasons import REASONS
from crm.web.i18n import tr

if TYPE_CHECKING:
    from collections.abc import Iterable

EVIDENCE = {
    "word": "也是普通词语",
    "common": "词语常见",
    "ordinary": "列为普通词语",
    "ambiguous": "多家共用的名称",
    "plainness": "用字平常",
    "cue_before": "前文像在说企业",
    "cue_after": "后文像在说企业",
    "legal_suffix": "后面是公司",
    "group_suffix": "后面是集团",
    "own_code": "自己的股票代码",
    "elsewhere": "文中另处明确提到",
    "finance": "全文像财经报道",
    "leisure": "全文像文体报道",
    "left_hint": "前面的字",
    "right_hint": "后面的字",
    "left_bits": "与前文连成词",
    "right_bits": "与后文连成词",
    "crosses": "截断了别的词",
}


def spoken_reasons(keys: Iterable[str]) -> list[str]:
    """Put the reasons of a link into the person's language; a key without words is left out."""
    return [tr(REASONS[key]) for key in keys if key in REASONS]


def spoken_evidence(key: str) -> str:
    """Name a property of the finder of names, or the piece of text it is."""
    return tr(EVIDENCE[key]) if key in EVIDENCE else key

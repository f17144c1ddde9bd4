"""Why a name was linked or is in doubt: keys that are stored, and their words."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from crm.enterprises.rules import AliasKind

REASONS: dict[str, str] = {
    "name_full": "全称",
    "name_short": "简称",
    "name_brand": "品牌",
    "name_ticker": "证券简称",
    "name_former": "曾用名",
    "name_english": "外文名",
    "name_trade": "字号",
    "stock_code": "股票代码",
    "group_suffix": "简称+集团",
    "legal_suffix": "简称+公司",
    "cue_after": "后文像在说企业",
    "cue_before": "前文像在说企业",
    "joined": "与别的企业并列",
    "named_elsewhere": "文中另有更完整的名称",
    "sentence_start": "在分句开头",
    "taught": "按人工判断",
    "other_code": "股票代码不同",
    "ordinary_word": "也是普通词语",
    "crosses_word": "可能截断了别的词",
    "shared": "几家企业同用这个名称",
    "part_of_name": "可能是别的机构名称的一部分",
    "not_a_firm": "可能是球队、地名或产品",
}
GROUNDS: tuple[tuple[str, str], ...] = (
    ("own_code", "stock_code"),
    ("some_code", "stock_code"),
    ("own_stock", "legal_suffix"),
    ("group_suffix", "group_suffix"),
    ("legal_suffix", "legal_suffix"),
    ("cue_after", "cue_after"),
    ("cue_before", "cue_before"),
    ("begins", "sentence_start"),
    ("joined", "joined"),
    ("elsewhere", "named_elsewhere"),
)
DOUBTS: tuple[tuple[str, str], ...] = (
    ("other_code", "other_code"),
    ("word", "ordinary_word"),
    ("ordinary", "ordinary_word"),
    ("left_cut", "crosses_word"),
    ("right_cut", "crosses_word"),
    ("crosses", "crosses_word"),
    ("left_stray", "crosses_word"),
    ("shared", "shared"),
    ("local_branch", "part_of_name"),
    ("member", "part_of_name"),
    ("seated_legal", "part_of_name"),
    ("foreign", "part_of_name"),
    ("tail", "part_of_name"),
    ("longer_name", "part_of_name"),
    ("unit", "part_of_name"),
    ("beside", "part_of_name"),
    ("member_seat", "part_of_name"),
    ("share_group", "part_of_name"),
    ("share_name", "part_of_name"),
    ("latin_on", "part_of_name"),
    ("later_code", "other_code"),
    ("inside", "part_of_name"),
    ("club", "not_a_firm"),
    ("product", "not_a_firm"),
)


def reasons_of(
    kind: AliasKind, *, derived: bool, sure: bool, name: Mapping[str, float], here: Mapping[str, float]
) -> tuple[str, ...]:
    """Give the keys of what counted: the kind of name, what speaks for it, and of a doubtful one the doubts."""
    first = "name_trade" if derived else f"name_{kind.value}"
    marks = GROUNDS if sure else (*GROUNDS, *DOUBTS)
    return tuple(dict.fromkeys([first, *(key for mark, key in marks if mark in here or mark in name)]))


def words_of(reasons: Iterable[str]) -> list[str]:
    """Give the Chinese words of stored reasons; an unknown key stays as it is."""
    return [REASONS.get(reason, reason) for reason in reasons]

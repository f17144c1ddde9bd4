"""The fields of a contact in words: Chinese labels, and values as a person reads them."""

from __future__ import annotations

from typing import Any

from crm.enterprises.rules import KNOWN_LABELS, LEGAL_BASES, KnownThrough

CONTACT_LABELS: dict[str, str] = {
    "name": "姓名",
    "post": "职务",
    "phone": "电话",
    "email": "邮箱",
    "source": "来源",
    "note": "备注",
    "do_not_contact": "本人要求不再联系",
    "known_through": "结识途径",
    "introducer": "引荐人",
    "hometown": "籍贯",
    "legal_basis": "处理依据",
    "notice_on": "告知日期",
    "retain_until": "保存期限",
    "enterprise_id": "所在企业",
    "unit_id": "登记单位",
    "archived_at": "归档时间",
}
YES, NO = "是", "否"


def plain(field: str, value: Any) -> str:  # noqa: ANN401 (a kept JSON value or a column)
    """Write a value as a Chinese message id or plain text; blank for nothing."""
    if value is None or value == "":
        return ""
    if isinstance(value, bool):
        return YES if value else NO
    if field == "known_through":
        return KNOWN_LABELS[KnownThrough(value)] if value in set(KnownThrough) else str(value)
    return LEGAL_BASES.get(str(value), str(value)) if field == "legal_basis" else str(value)

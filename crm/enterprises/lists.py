"""Known lists of targets: one key per list, whatever a file or a person calls it."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

from crm.core.text import fold


@dataclass(frozen=True, slots=True)
class KnownList:
    """A list with its stable key (the scoring table uses it), its name, and other names for it."""

    key: str
    name: str
    publisher: str | None = None
    others: tuple[str, ...] = ()
    names_only: bool = False


KNOWN: tuple[KnownList, ...] = (
    KnownList("fortune_global_500", "世界500强", "《财富》", ("财富世界500强", "fortune global 500")),
    KnownList("central_soe", "中央企业", "国务院国资委", ("央企", "sasac_central_soe")),
    KnownList("china_500", "中国500强", None, ("fortune_china_500", "中国企业500强", "财富中国500强")),
    KnownList("private_500", "民营企业500强", "全国工商联", ("民营500强", "acfic_private_500", "中国民营企业500强")),
    KnownList("industry_50", "行业50强"),
    KnownList(
        "private_manufacturing_500",
        "制造业民营企业500强",
        "全国工商联",
        ("acfic_private_manufacturing_500", "民营制造业500强"),
    ),
    KnownList(
        "private_services_100",
        "服务业民营企业100强",
        "全国工商联",
        ("acfic_private_services_100", "民营服务业100强"),
    ),
    KnownList("internet_100", "互联网企业100强", "中国互联网协会", ("isc_internet_100", "互联网100强")),
    KnownList("internet_growth_20", "互联网成长型企业20强", "中国互联网协会", ("isc_internet_growth_20",)),
    KnownList("cybersecurity_20", "网络安全企业20强", "中国互联网协会", ("isc_cybersecurity_20",)),
    KnownList("listed", "上市公司", None, ("a_share_listed", "a_share", "A股", "A股上市公司")),
    KnownList("mof_central_soe", "财政部出资央企", "财政部"),
    KnownList("mof_central_finance", "中央金融企业", "财政部"),
    KnownList("mof_central_culture", "中央文化企业", "财政部"),
    KnownList("former_names", "曾用证券简称", None, ("a_share_former_name", "a_share_former_names"), names_only=True),
    KnownList("delisted", "退市证券简称", None, ("a_share_delisted_or_missing",), names_only=True),
)
_BY_NAME = {fold(name): known for known in KNOWN for name in (known.key, known.name, *known.others)}


def identify(name: str) -> KnownList:
    """Find a list by key or any of its names; an unknown name becomes a list of the office's own."""
    folded = fold(name)
    own = KnownList(f"own_{hashlib.sha256(folded.encode()).hexdigest()[:16]}", name.strip())
    return _BY_NAME.get(folded, own)

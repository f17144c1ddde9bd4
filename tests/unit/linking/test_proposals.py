from __future__ import annotations

import pytest

from crm.linking.lexicon import default_lexicon
from crm.linking.proposals_rules import DECLARED, LEGAL, LISTED, unknown_names

LEXICON = default_lexicon()


def found(text: str, covered: list[tuple[int, int]] | None = None) -> list[tuple[str, str]]:
    return [(one.surface, one.form) for one in unknown_names(text, covered or [], LEXICON)]


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("昨日，签约的苏州青岚新材料有限公司落户园区。", ["苏州青岚新材料有限公司"]),
        ("由浙江省杭州市澜石科技股份有限公司投资。", ["浙江省杭州市澜石科技股份有限公司"]),
        ("县领导会见青岚集团负责人。", ["青岚集团"]),
        ("收购澄溪精密制造（常州）有限公司全部股权。", ["澄溪精密制造（常州）有限公司"]),
        ("该公司表示，子公司运营正常，集团上下高度重视。", []),
        ("江苏投资集团有限公司", []),
        ("澄溪宝（北京）金融信息服务有限公司被立案。", ["澄溪宝（北京）金融信息服务有限公司"]),
        ("警方打掉一个诈骗集团，涉案的金融信息服务有限公司已停业。", []),
        ("据悉，隶属于青岚集团的两家工厂停产。", ["青岚集团"]),
        ("普通的一句话，没有名称。", []),
    ],
)
def test_a_legal_name_is_found_without_what_stands_in_front(text: str, names: list[str]) -> None:
    assert [name for name, form in found(text) if form == LEGAL] == names


def test_a_declared_short_name_brings_its_full_name() -> None:
    text = "苏州青岚新材料有限公司（以下简称“青岚新材”）宣布扩产。"
    one = next(one for one in unknown_names(text, [], LEXICON) if one.form == DECLARED)
    assert (one.surface, one.hint) == ("青岚新材", "苏州青岚新材料有限公司")
    assert text[one.start : one.start + len(one.surface)] == one.surface
    assert one.context[one.offset : one.offset + 4] == "青岚新材"


def test_a_name_with_a_code_is_found() -> None:
    assert found("近日，青岚股份（600999.SH）公告称") == [("青岚股份", LISTED)]


def test_a_name_that_is_linked_already_is_no_news() -> None:
    text = "苏州青岚新材料有限公司扩产"
    assert found(text, [(0, 11)]) == []
    assert found(text, [(2, 4)]) == [("苏州青岚新材料有限公司", LEGAL)]


def test_a_hostile_text_takes_no_time() -> None:
    assert found("青" * 20_000) == []
    assert found("（以下简称" * 4_000) == []

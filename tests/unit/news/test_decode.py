"""Bytes of pages become text whatever they declare."""

import codecs

import pytest

from crm.news.decode import decode

SENTENCE = "临江市与晟澜半导体签订项目投资协议，总投资三十二亿元，喆㙍两位代表出席。"


def page(charset: str) -> str:
    return f'<html><head><meta charset="{charset}"><title>签约</title></head><body>{SENTENCE}</body></html>'


@pytest.mark.parametrize("declared", ["gb2312", "gbk", "GB18030", "", "utf-8", "x-unknown"])
def test_national_bytes_are_read_whatever_the_page_declares(declared: str) -> None:
    found = decode(page(declared).encode("gb18030"))
    assert SENTENCE in found.text
    assert (found.encoding, found.damaged) == ("gb18030", False)


def test_utf8_wins_over_a_wrong_declaration() -> None:
    assert SENTENCE in decode(page("gb2312").encode(), "gbk").text


def test_a_byte_order_mark_decides_and_is_not_part_of_the_text() -> None:
    found = decode(codecs.BOM_UTF16_LE + SENTENCE.encode("utf-16-le"))
    assert (found.text, found.encoding) == (SENTENCE, "utf-16-le")
    assert decode(codecs.BOM_UTF8 + SENTENCE.encode()).text == SENTENCE


def test_the_header_charset_is_used_for_other_scripts() -> None:
    assert decode("臨江市招商引資".encode("big5"), "big5").text == "臨江市招商引資"


def test_latin1_in_the_header_is_a_servers_default_and_not_believed() -> None:
    assert decode(SENTENCE.encode("gbk", errors="ignore"), "ISO-8859-1").encoding == "gb18030"


def test_one_cut_character_does_not_turn_good_utf8_into_nonsense() -> None:
    found = decode((SENTENCE * 20).encode() + b"\xe6\xb1")
    assert SENTENCE in found.text
    assert found.damaged


def test_garbage_becomes_text_and_says_that_it_is_damaged() -> None:
    found = decode(bytes(range(128, 256)) * 3)
    assert found.text
    assert found.damaged


def test_no_bytes_are_no_text() -> None:
    assert decode(b"").text == ""


LONG = "臨江市與晟瀾半導體簽訂項目投資協議，總投資三十二億元，公司的新工廠將在明年六月以前建成，主要生產第三代半導體。"
PLAIN = "临江市与晟澜半导体签订项目投资协议，总投资三十二亿元，公司的新工厂将在明年六月以前建成，主要生产第三代半导体。"


@pytest.mark.parametrize("declared", ["", "gb2312", "big5", "utf-8", "iso-8859-1"])
@pytest.mark.parametrize(("text", "charset"), [(LONG, "big5"), (PLAIN, "gbk"), (LONG, "gb18030"), (LONG, "utf-8")])
def test_bytes_are_read_for_what_they_are_and_not_for_what_is_declared(declared: str, text: str, charset: str) -> None:
    html = f'<html><head><meta charset="{declared}"></head><body>{text * 3}</body></html>'
    assert text * 3 in decode(html.encode(charset), declared).text


def test_a_western_page_keeps_its_quotation_marks() -> None:
    text = "<p>The company said it would build a “second” plant in the zone – a €300 million investment.</p>" * 3
    assert decode(text.encode("cp1252")).text == text


def test_a_few_invalid_bytes_do_not_change_the_charset() -> None:
    found = decode(page("gbk").encode("gb18030") + PLAIN.encode("gbk") + b"\xff\xff")
    assert PLAIN in found.text
    assert (found.encoding, found.damaged) == ("gb18030", True)

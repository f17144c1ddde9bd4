"""Templates made to do harm: refused before anything is made of them."""

from __future__ import annotations

import pytest

from crm.reports import filling
from crm.word.ooxml import pack_bytes
from crm.word.template import opening
from crm.word.template.opening import TemplateUnfitError, open_template
from crm.word.template.rendering import TemplateFailedError, environment, fill
from tests.support.templates import (
    DOCUMENT,
    FULL,
    VALUES,
    WEEKLY,
    faults_of,
    messages,
    paragraph,
    table,
    with_body,
    with_parts,
)

RELS = "word___rels__document.xml.rels"
VISITS, TALKS = "拜访客商周报明细", "在谈项目信息采集明细"


def unfit(data: bytes) -> str:
    with pytest.raises(TemplateUnfitError) as refused:
        open_template(data)
    return str(refused.value)


def relation(kind: str, target: str, mode: str = "") -> bytes:
    base = open_template(WEEKLY)["word/_rels/document.xml.rels"].decode()
    entry = f'<Relationship Id="rId99" Type="{kind}" Target="{target}" {mode}/>'
    return base.replace("</Relationships>", f"{entry}</Relationships>").encode()


@pytest.mark.parametrize(
    "text",
    [
        "{{ 标题.__class__.__mro__ }}",
        "{{ ''.__class__ }}",
        "{{ 标题._x }}",
        "{{ loop.__init__ }}",
        "{{ range(10 ** 9) }}",
        "{% for 行 in range(1000000000) %}x{% endfor %}",
        "{% for 行 in 'a' * 9999999 %}x{% endfor %}",
        "{{ 标题 * 99999999 }}",
        "{% set x = 1 %}",
        "{% include 'x' %}",
        "{% import 'x' as y %}",
        "{% macro x() %}{% endmacro %}",
        "{{ 标题 ~ 标题 }}",
        "{{ self }}",
        "{{ cycler.__init__.__globals__ }}",
        "{{ namespace() }}",
        "{% raw %}x{% endraw %}",
        "{%r if 标题 %}",
        "{% colspan 3 %}",
        "{% vm %}",
    ],
)
def test_nothing_but_names_loops_and_conditions_is_read(text: str) -> None:
    assert faults_of(with_body(paragraph(text)))


def test_loops_in_loops_are_refused() -> None:
    rows = table(
        (f"{{%tr for 行 in {VISITS} %}}",),
        (f"{{% for 列 in {TALKS} %}}x{{% endfor %}}",),
        ("{%tr endfor %}",),
    )
    assert "循环里不能再套循环。" in messages(with_body(rows))


def test_loops_in_loops_are_found_when_the_inner_one_stands_in_a_text_box() -> None:
    inner = paragraph(f"{{% for 列 in {TALKS} %}}x{{% endfor %}}")
    box = f"<w:r><w:pict><w:txbxContent>{inner}</w:txbxContent></w:pict></w:r>"
    outer = paragraph(f"{{% for 行 in {VISITS} %}}", "{% endfor %}").replace("</w:r><w:r>", f"</w:r>{box}<w:r>")
    assert messages(with_body(outer)) == ["循环里不能再套循环。"]


@pytest.mark.parametrize(
    "piece",
    [
        '<w:p w:rsidR="{{ 标题 }}"/>',
        "<!-- {% for 行 in 标题 %} --><w:p/>",
        "<w:p><w:r><w:delText>{{ 标题 }}</w:delText></w:r></w:p>",
        "<w:p><w:r><w:instrText>{{ 标题 }}</w:instrText></w:r></w:p>",
        "<w:r><w:t>{{ 标题 }}</w:t></w:r>",
    ],
    ids=["attribute", "comment", "deleted", "field", "outside"],
)
def test_placeholders_hidden_from_the_reader_are_refused(piece: str) -> None:
    assert [one.partition("，")[0] for one in messages(with_body(piece))] == [
        "有占位符写在了图片说明、域代码、尾注、批注或修订里"
    ]


@pytest.mark.parametrize("braces", ["{{", "&#123;&#123;"])
def test_placeholders_in_other_parts_are_refused_however_they_are_written(braces: str) -> None:
    core = open_template(WEEKLY)["docProps/core.xml"].decode()
    title = core.replace("<dc:title>", f"<dc:title>{braces} 标题 }}}}").encode()
    assert [one.tag for one in faults_of(with_parts(**{"docProps__core.xml": title}))] == ["docProps/core.xml"]


def test_macros_are_refused() -> None:
    assert unfit(with_parts(**{"word__vbaProject.bin": b"x"})) == opening.MACROS
    kinds = open_template(WEEKLY)["[Content_Types].xml"].replace(
        b"wordprocessingml.document.main+xml", b"ms-word.document.macroEnabled.main+xml"
    )
    assert unfit(with_parts(**{"[Content_Types].xml": kinds})) == opening.MACROS


@pytest.mark.parametrize("kind", ["hyperlink", "attachedTemplate", "image", "frame", "subDocument"])
def test_links_to_the_outside_are_refused(kind: str) -> None:
    rels = relation(f"http://x/{kind}", "file:///share/x", 'TargetMode="External"')
    assert unfit(with_parts(**{RELS: rels})) == opening.LINKS


@pytest.mark.parametrize("kind", ["oleObject", "aFChunk", "activeXControl"])
def test_embedded_things_are_refused(kind: str) -> None:
    assert unfit(with_parts(**{RELS: relation(f"http://x/{kind}", "x.xml")})) == opening.MACROS


def test_a_zip_bomb_is_refused_unopened() -> None:
    assert unfit(with_parts(**{"word__media__a.png": b"\0" * (opening.LARGEST_WHOLE + 1)})) == opening.BOMB
    assert unfit(with_parts(**{f"word__media__{n}.png": b"" for n in range(opening.MOST_PARTS)})) == opening.BOMB


def test_a_file_too_large_is_refused() -> None:
    assert unfit(b"PK" + b"x" * opening.LARGEST_FILE) == opening.TOO_LARGE


def test_a_template_as_long_as_a_book_is_refused() -> None:
    assert messages(with_body(paragraph("x") * (opening.MOST_TAGS_FILLED // 6))) == [opening.LONG]


@pytest.mark.parametrize(
    "data", [b"", b"no zip", pack_bytes({"x.xml": b"<x/>"}), pack_bytes({DOCUMENT: b"<x", "_rels/.rels": b"<x/>"})]
)
def test_what_is_no_word_file_is_refused(data: bytes) -> None:
    assert unfit(data) == opening.NO_WORD


def test_an_attribute_without_end_is_refused_at_once() -> None:
    long = f'<w:p w:rsidR="{"a" * opening.LONGEST_ATTRIBUTE}a"/>'
    assert messages(with_body(long)) == [opening.ATTRIBUTE]
    style = open_template(WEEKLY)["word/styles.xml"].replace(b"</w:styles>", long.encode() + b"</w:styles>")
    assert messages(with_parts(**{"word__styles.xml": style})) == [opening.ATTRIBUTE]


def test_what_is_filled_in_is_bounded_over_all_its_parts() -> None:
    text = paragraph("x" * (opening.LARGEST_FILLED // 4))
    header = f'<w:hdr xmlns:w="{opening.W[1:-1]}">{text}</w:hdr>'.encode()
    assert faults_of(with_parts(**{f"word__header{n}.xml": header for n in (7, 8, 9)})) == []
    assert messages(with_parts(**{f"word__header{n}.xml": header for n in (6, 7, 8, 9)})) == [opening.LONG]


def test_an_old_word_file_is_told_apart() -> None:
    assert unfit(b"\xd0\xcf\x11\xe0" + b"x" * 600) == opening.OLD_WORD


def test_strict_open_xml_is_told_apart() -> None:
    document = open_template(WEEKLY)[DOCUMENT].replace(
        b"http://schemas.openxmlformats.org/wordprocessingml/2006/main", opening.STRICT
    )
    assert unfit(with_parts(**{"word__document.xml": document})) == opening.STRICT_WORD


def test_entities_are_refused() -> None:
    document = open_template(WEEKLY)[DOCUMENT].replace(
        b"<w:document", b'<!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd">]><w:document', 1
    )
    assert unfit(with_parts(**{"word__document.xml": document})) == opening.ENTITIES


@pytest.mark.parametrize("name", ["../x.xml", "/x.xml", "word\\x.xml", "C:x.xml", "word/x.exe"])
def test_odd_names_inside_are_refused(name: str) -> None:
    assert unfit(pack_bytes({**open_template(WEEKLY), name: b"<x/>"})) == opening.ODD_PART


def test_braces_without_end_are_told_at_once_and_not_searched_for_hours() -> None:
    assert len(messages(with_body(paragraph("{{" * 500_000)))) == 1


def test_output_without_bounds_is_stopped() -> None:
    values = {**VALUES.found, VISITS: [{"序号": "字" * 9000}] * 1000}
    rows = table((f"{{%tr for 行 in {VISITS} %}}",), ("{{ 行.序号 }}",), ("{%tr endfor %}",))
    with pytest.raises(TemplateFailedError, match="太大"):
        fill(with_body(rows), values, filling.properties_of(FULL))


def test_the_sandbox_itself_knows_no_functions_and_no_private_names() -> None:
    sandbox = environment()
    assert (sandbox.globals, sandbox.filters, sandbox.tests) == ({}, {}, {})
    assert not sandbox.is_safe_attribute("", "__class__", str)

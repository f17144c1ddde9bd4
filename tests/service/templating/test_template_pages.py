"""Pages of templates: download, upload, what is wrong in words, putting a version to use."""

from __future__ import annotations

from io import BytesIO
from typing import TYPE_CHECKING

import docx
import pytest

from crm.templating import kept
from crm.templating.kinds import Kind, kinds
from crm.word.check.checking import check
from tests.support.templates import WEEKLY, paragraph, with_body

if TYPE_CHECKING:
    from tests.conftest import Browser

PATH = "/papers/templates"
SMALL = paragraph("本局专用版式，字号比公文的小，一共十号。").replace("<w:t>", '<w:rPr><w:sz w:val="20"/></w:rPr><w:t>')
GOOD = with_body(paragraph("{{ 标题 }}"), SMALL * 3)
BAD = with_body(paragraph("第一段"), paragraph("由{{ 编印单 }}编印。"))


def send(browser: Browser, data: bytes, kind: str = "weekly") -> tuple[int, str]:
    page = browser.post(f"{PATH}/{kind}", data={"file": (BytesIO(data), "本局模板.docx")})
    return page.status_code, page.text if page.status_code != 303 else page.headers["Location"]


@pytest.mark.parametrize("kind", kinds())
def test_each_kind_gives_its_template_and_its_placeholders(as_registrar: Browser, kind: str) -> None:
    assert f"{PATH}/{kind}" in as_registrar.get(PATH).text
    page = as_registrar.get(f"{PATH}/{kind}")
    assert page.status_code == 200
    assert "{{p 正文 }}" in page.text
    template = as_registrar.get(f"{PATH}/{kind}/current.docx").data
    assert template == as_registrar.get(f"{PATH}/{kind}/builtin.docx").data
    assert any("{{p 正文 }}" in one.text for one in docx.Document(BytesIO(template)).paragraphs)
    listed = as_registrar.get(f"{PATH}/{kind}/placeholders.docx").data
    cells = [cell.text for row in docx.Document(BytesIO(listed)).tables[0].rows for cell in row.cells]
    assert "{{ 标题 }}" in cells
    assert check(listed).passed


def test_what_was_downloaded_can_be_uploaded_and_put_to_use(as_registrar: Browser) -> None:
    status, address = send(as_registrar, WEEKLY)
    assert (status, address) == (303, f"{PATH}/weekly/1")
    page = as_registrar.get(address).text
    assert "符合 GB/T 9704" in page
    assert as_registrar.get(f"{address}/template.docx").data == WEEKLY
    assert check(as_registrar.get(f"{address}/sample.docx").data).findings == ()
    assert as_registrar.post(f"{address}/activate").headers["Location"] == f"{PATH}/weekly"
    page = as_registrar.get(f"{PATH}/weekly").text
    assert "在用：第1版 本局模板.docx" in page
    assert as_registrar.get(f"{PATH}/weekly/current.docx").data == WEEKLY
    assert as_registrar.post(f"{PATH}/weekly/builtin").status_code == 303
    assert "在用：内置模板" in as_registrar.get(f"{PATH}/weekly").text


def test_a_mistake_is_told_with_its_place_and_the_nearest_name(as_registrar: Browser) -> None:
    status, page = send(as_registrar, BAD)
    assert status == 422
    for words in ("正文第2段", "由{{ 编印单 }}编印。", "您是不是想写“编印单位”？", "模板没有采用"):
        assert words in page
    assert as_registrar.get(f"{PATH}/weekly/1").status_code == 404


def test_departures_from_the_norm_are_told_before_it_is_put_to_use(as_registrar: Browser) -> None:
    status, address = send(as_registrar, GOOD)
    assert status == 303
    page = as_registrar.get(address).text
    assert "和 GB/T 9704 不一样" in page
    assert "启用这一版" in page


def test_looking_at_a_version_does_not_run_the_check_again(
    as_registrar: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    _status, address = send(as_registrar, GOOD)
    before = as_registrar.get(address).text

    def never(*_args: object) -> None:
        raise AssertionError

    for name in ("faults", "departures", "preview"):
        monkeypatch.setattr(Kind, name, never)
    page = as_registrar.get(address).text
    assert "和 GB/T 9704 不一样" in page
    assert page.count("<tr>") == before.count("<tr>") > 1
    monkeypatch.setattr(kept, "EDITION", kept.EDITION + 1)
    assert "还没有按现在的规则检查" in as_registrar.get(address).text


@pytest.mark.parametrize(
    ("data", "words"), [(b"no word file", "这不是 .docx 文件"), (b"\xd0\xcf\x11\xe0 old", "这是旧的 .doc 文件")]
)
def test_what_is_no_template_is_refused_in_words(as_registrar: Browser, data: bytes, words: str) -> None:
    status, page = send(as_registrar, data)
    assert status == 422
    assert words in page


def test_without_a_file_the_page_asks_for_one(as_registrar: Browser) -> None:
    page = as_registrar.post(f"{PATH}/weekly", data={})
    assert page.status_code == 422
    assert "请选择改好的 .docx 模板" in page.text


@pytest.mark.parametrize("path", [f"{PATH}/none", f"{PATH}/weekly/7", f"{PATH}/weekly/7/template.docx"])
def test_what_is_not_there_is_not_found(as_registrar: Browser, path: str) -> None:
    assert as_registrar.get(path).status_code == 404


def test_others_than_the_office_see_none_of_it(as_officer: Browser, as_leader: Browser) -> None:
    for browser in (as_officer, as_leader):
        for path in (PATH, f"{PATH}/weekly", f"{PATH}/weekly/current.docx", f"{PATH}/weekly/placeholders.docx"):
            assert browser.get(path).status_code == 403
        assert send(browser, GOOD)[0] == 403
        assert browser.post(f"{PATH}/weekly/builtin").status_code == 403
    assert PATH not in as_officer.get("/papers").text


def test_the_list_of_papers_leads_the_office_here(as_registrar: Browser) -> None:
    assert f'href="{PATH}"' in as_registrar.get("/papers").text

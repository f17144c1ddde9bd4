from __future__ import annotations

import io
from typing import TYPE_CHECKING

from sqlalchemy import func, select

from crm.core import jobs
from crm.core.tasks import Task
from crm.news import packs, queries
from crm.news.models import CrawlRun, Source, SourceKind
from tests.support import feeds
from tests.support.builders import NOW

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from tests.conftest import Browser

PACK = """
pack: 本市
sources:
  - {name: 云岭日报, kind: rss, url: "https://news.example/rss"}
  - {name: 内网, kind: rss, url: "file:///etc/passwd"}
  - {name: 临江发布, kind: export, url: "https://mp.weixin.qq.com/"}
  - {name: 已有的, kind: list, url: "https://known.example/list"}
"""
CSV = '标题,正文\n海棠新材项目开工,"一段正文"\n'.encode()


def test_a_pack_is_shown_before_anything_is_written(as_registrar: Browser, session: Session) -> None:
    feeds.source(session, "老名字", kind=SourceKind.LIST, url="https://known.example/list")
    session.commit()
    page = as_registrar.post("/sources/packs/preview", {"file": (io.BytesIO(PACK.encode()), "p.yaml")})
    assert page.status_code == 200
    assert "请填完整网址" in page.text
    assert "已有同名或同网址的信源" in page.text
    assert page.text.count('name="chosen"') == 2
    assert session.scalar(select(func.count()).select_from(Source)) == 1


def test_chosen_sources_are_added_out_of_use_until_tried(as_registrar: Browser, session: Session) -> None:
    answer = as_registrar.post("/sources/packs/import", {"content": PACK, "chosen": ["0", "1", "2", "99", "x"]})
    assert (answer.status_code, answer.headers["Location"]) == (303, "/sources?state=untested")
    rows = session.execute(select(Source.name, Source.enabled, Source.pack).order_by(Source.name)).all()
    assert [tuple(row) for row in rows] == [("临江发布", True, "本市"), ("云岭日报", False, "本市")]
    assert session.scalars(select(Task)).all() == []
    assert queries.due_sources(session, NOW) == []
    assert "暂未启用" in as_registrar.get(f"/sources/{session.scalars(select(Source.id)).first()}").text


def test_nothing_chosen_says_so_and_keeps_the_pack(as_registrar: Browser) -> None:
    answer = as_registrar.post("/sources/packs/import", {"content": PACK})
    assert answer.status_code == 422
    assert "请至少勾选一个" in answer.text
    assert "云岭日报" in answer.text


def test_a_bad_file_is_refused_on_the_page(as_registrar: Browser) -> None:
    answer = as_registrar.post("/sources/packs/preview", {"file": (io.BytesIO(b"a: &x [*x]"), "p.yaml")})
    assert answer.status_code == 422
    assert "锚点" in answer.text
    assert as_registrar.post("/sources/packs/import", {"content": "["}).status_code == 422


def test_our_packs_have_pages_and_own_sources_go_out_and_come_back(as_registrar: Browser, session: Session) -> None:
    assert "中国政府网·要闻" in as_registrar.get("/sources/packs/government").text
    assert as_registrar.get("/sources/packs/nothing").status_code == 404
    feeds.source(session, "云岭: 日报", options={"link_css": "a", "allow": ["127.0.0.1:1"]})
    session.commit()
    entry = packs.read(as_registrar.get("/sources/packs/own.yaml").text).entries[0]
    assert (entry.draft.name, entry.draft.options, entry.problems) == ("云岭: 日报", {"link_css": "a"}, ())


def test_an_upload_becomes_a_run_of_a_new_source(as_registrar: Browser, session: Session) -> None:
    sent = {"file": (io.BytesIO(CSV), "导出.csv"), "source_id": "", "name": "公众号·云岭"}
    answer = as_registrar.post("/sources/exports", sent)
    run = session.scalars(select(CrawlRun)).one()
    assert (answer.status_code, answer.headers["Location"]) == (303, f"/sources/{run.source_id}?run={run.id}")
    assert (run.stats["upload"], run.stats["upload_kind"]) == ("导出.csv", "csv")
    task = session.scalars(select(Task)).one()
    assert (task.kind, task.payload) == (jobs.READ_EXPORT, {"run_id": run.id})
    session.commit()
    second = {**sent, "file": (io.BytesIO(CSV), "b.csv"), "source_id": str(run.source_id)}
    again = as_registrar.post("/sources/exports", second)
    assert again.status_code == 409
    assert "正在读取" in again.text
    assert "上传文件" in as_registrar.get(f"/sources/{run.source_id}").text


def test_a_wrong_upload_is_refused_with_one_sentence(as_registrar: Browser, session: Session) -> None:
    place = feeds.source(session)
    session.commit()
    for sent, words in (
        ({"file": (io.BytesIO(b"MZ"), "a.exe"), "name": "x"}, "只接受 zip"),
        ({"file": (io.BytesIO(CSV), "a.csv")}, "请选择一个信源"),
        ({"name": "x"}, "请选择导出的文件"),
    ):
        answer = as_registrar.post("/sources/exports", {"source_id": "", **sent})
        assert answer.status_code == 422
        assert words in answer.text
    crawled = {"file": (io.BytesIO(CSV), "a.csv"), "source_id": str(place.id)}
    assert as_registrar.post("/sources/exports", crawled).status_code == 422
    assert session.scalars(select(Task)).all() == []


def test_a_source_of_uploads_is_never_crawled(as_registrar: Browser, session: Session) -> None:
    row = feeds.source(session, kind=SourceKind.EXPORT)
    session.commit()
    assert as_registrar.post(f"/sources/{row.id}/crawl").status_code == 422
    assert queries.due_sources(session, NOW) == []


def test_the_list_is_filtered_and_paged(as_registrar: Browser, session: Session) -> None:
    for number in range(52):
        feeds.source(session, f"信源{number:02}", enabled=number != 7, failures_in_row=int(number == 9))
    session.commit()
    assert "第1页，共2页，52个信源" in as_registrar.get("/sources").text
    assert "信源51" in as_registrar.get("/sources?page=2").text
    assert as_registrar.get("/sources?state=off").text.count("data-row") == 1
    assert "信源09" in as_registrar.get("/sources?state=failing&q=09").text
    assert "没有这样的信源" in as_registrar.get("/sources?q=%25").text


def test_the_office_names_itself_to_the_sites(as_registrar: Browser, session: Session) -> None:
    name = "Linjiang/1.0 (office@linjiang.example)"
    assert as_registrar.post("/sources/agent", {"user_agent": name}).status_code == 303
    run = feeds.run(session, feeds.source(session))
    assert queries.crawl_specification(session, run, ())["user_agent"] == name
    session.commit()
    for bad in ("引凤", "x\r\nCookie: a", "Linjiang token=abc", "x" * 201):
        assert as_registrar.post("/sources/agent", {"user_agent": bad}).status_code == 422

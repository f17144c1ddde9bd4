"""``flask enterprises import``: the same service as the pages, from the command line."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import select

from crm.enterprises.models import Contact, Enterprise, ListEntry
from crm.imports.models import ImportRun

if TYPE_CHECKING:
    from pathlib import Path

    from flask import Flask

    from crm.core.db import Database
    from tests.support.builders import Office


def run(app: Flask, *arguments: str) -> str:
    answer = app.test_cli_runner().invoke(args=["enterprises", "import", *arguments])
    assert answer.exit_code == 0, answer.output
    return str(answer.output)


def test_a_list_is_imported_by_name_and_edition_and_a_second_time_changes_nothing(
    app: Flask, database: Database, tmp_path: Path
) -> None:
    path, left = tmp_path / "榜单.csv", tmp_path / "left.csv"
    path.write_text("排名,企业名称\n1,云岭电子有限公司\n二,云山机械有限公司\n", encoding="utf-8")
    arguments = (str(path), "--list", "世界500强", "--edition", "2025", "--rejected", str(left))
    first = run(app, *arguments)
    assert "读到 2  新增 1  更新 0  不变 0  退回 1" in first
    assert "第 3 行：名次“二”不是数字。" in first
    assert "云山机械有限公司" in left.read_text(encoding="utf-8-sig")
    assert "新增 0  更新 0  不变 1  退回 1" in run(app, *arguments)
    with database.reading() as session:
        assert session.scalars(select(ListEntry.rank)).all() == [1]
        assert [one.state for one in session.scalars(select(ImportRun))] == ["done", "done"]


def test_a_ledger_with_contacts_needs_a_person_to_keep_them(
    app: Flask, database: Database, office: Office, tmp_path: Path
) -> None:
    path = tmp_path / "台账.csv"
    path.write_text("企业名称,联系人,手机\n云岭电子有限公司,顾青,13800000001\n", encoding="utf-8")
    bureau = office.bureau.id
    assert "新增 1" in run(app, str(path))
    with database.reading() as session:
        assert session.scalars(select(Contact)).all() == []
    assert "更新 1" in run(app, str(path), "--user", office.registrar.username)
    with database.reading() as session:
        assert session.scalars(select(Contact.unit_id)).all() == [bureau]


def test_a_master_file_with_several_values_in_a_cell_is_understood(
    app: Flask, database: Database, tmp_path: Path
) -> None:
    path = tmp_path / "master.csv"
    path.write_text(
        "name_zh,full_names,stock_codes,listed_short_names,former_names,lists\n"
        "云岭电子,云岭电子有限公司|云岭电子股份有限公司,600001.SH,云岭股份|*ST云岭,云山电子,"
        "fortune_global_500/2025#7|a_share/2025-11#600001.SH\n",
        encoding="utf-8",
    )
    assert "新增 1" in run(app, str(path))
    with database.reading() as session:
        firm = session.scalars(select(Enterprise)).one()
        kinds = {alias.alias: alias.kind.value for alias in firm.aliases}
        assert sorted(entry.rank or 0 for entry in firm.entries) == [0, 7]
    assert (kinds["云山电子"], kinds["云岭电子股份有限公司"], kinds["云岭股份"]) == ("former", "full", "ticker")


def test_what_is_no_ledger_ends_with_a_sentence(app: Flask, tmp_path: Path) -> None:
    path = tmp_path / "x.xlsx"
    path.write_bytes(b"%PDF-1.7")
    answer = app.test_cli_runner().invoke(args=["enterprises", "import", str(path)])
    assert answer.exit_code == 1
    assert "这是 PDF 文件" in answer.output

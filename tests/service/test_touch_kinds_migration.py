from __future__ import annotations

from typing import TYPE_CHECKING

from alembic import command
from sqlalchemy import text

from tests.service.test_migrations import config_for
from tests.support import builders

if TYPE_CHECKING:
    from crm.core.db import Database

NOTES = {
    "微信发去厂房平面图": "wechat",
    "邮件发去电价表": "mail",
    "寄送邀请函": "letter",
    "对方说下周回话": "wechat",
}


def test_old_letters_mails_and_wechat_notes_get_a_kind_of_their_own_and_keep_who_was_met(database: Database) -> None:
    with database.transaction() as session:
        office = builders.office(session)
        firm = builders.enterprise(session)
        met = builders.contact(session, firm, office.east, office.officer)
        for note in NOTES:
            row = builders.touch(session, firm, office.east, office.officer, summary=note)
            row.contacts.append(met)
        session.flush()
    with database.engine.begin() as connection:
        command.downgrade(config_for(connection), "0010")
        connection.execute(text("UPDATE touch SET kind = 'message'"))
    with database.engine.begin() as connection:
        command.upgrade(config_for(connection), "head")
    with database.engine.connect() as connection:
        found = {row.summary: row.kind for row in connection.execute(text("SELECT summary, kind FROM touch"))}
        assert found == NOTES
        assert connection.scalar(text("SELECT count(*) FROM touch_contact")) == len(NOTES)
    with database.engine.begin() as connection:
        command.check(config_for(connection))

"""What hangs on the register in the furnished office: profile, relations, history, bin, doubles, a merge."""

from __future__ import annotations

from typing import TYPE_CHECKING

from crm.enterprises import aliases, groups, posts, profile, relations, removal, services
from crm.enterprises.aliases import AliasDraft
from crm.enterprises.posts import PostDraft
from crm.enterprises.profile import EntryDraft
from crm.enterprises.relations import RelationDraft
from crm.enterprises.rules import AliasKind, EnterpriseDraft, ProfileBlock
from crm.register import merging, saved_views
from crm.register.models import DuplicatePair, ExportRun, PairState, Sharing
from tests.support.builders import NOW, TODAY

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from crm.auth.rules import Actor
    from crm.enterprises.models import Contact, Enterprise

OTHERS = ("岚桥储能科技公司", "待删除的精密模具有限公司")


def furnish(session: Session, actor: Actor, firms: list[Enterprise], person: Contact) -> None:
    """Write one of each; ids begin with 1."""
    draft = EntryDraft(ProfileBlock.HISTORY, "由机床厂改制而来，现有四个基地。", "年报", TODAY)
    profile.add_entry(session, actor, firms[0].id, draft, now=NOW, today=TODAY)
    tie = RelationDraft(firms[3].id, "supplier", TODAY, None, "年报", "减速器")
    relations.add_relation(session, actor, firms[0].id, tie, now=NOW)
    groups.set_parent(session, actor, firms[4].id, firms[0].id, now=NOW)
    former = AliasDraft("岚桥蓄电池有限公司", AliasKind.FORMER, "年报", None, TODAY)
    aliases.add(session, actor, firms[0].id, former, now=NOW)
    double, gone = (
        services.create_enterprise(session, actor, EnterpriseDraft(name=name, confirmed=True), now=NOW)
        for name in OTHERS
    )
    merging.merge(session, actor, "enterprise", firms[0].id, double.id, merging.Choice(confirmed=True), now=NOW)
    removal.delete_enterprise(session, actor, gone.id, now=NOW)
    posts.set_knower(session, actor, person.id, actor.user_id, "close", now=NOW, today=TODAY)
    earlier = PostDraft(firms[2].id, "投资部经理", None, TODAY, "名片")
    posts.add_post(session, actor, person.id, earlier, now=NOW, today=TODAY)
    _lists(session, actor, firms)


def _lists(session: Session, actor: Actor, firms: list[Enterprise]) -> None:
    saved_views.save(session, actor, "装备制造重点", Sharing.ALL, {"q": "岚桥"}, now=NOW)
    reasons = [{"key": "stem", "value": "岚桥储能"}, {"key": "site", "value": "lanqiao.example"}]
    low, high = sorted((firms[3].id, firms[4].id))
    pair = DuplicatePair(kind="enterprise", low_id=low, high_id=high, score=82, reasons=reasons, found_at=NOW)
    pair.state = PairState.OPEN
    export = ExportRun(page="enterprises", state={}, status="failed", problem="导出没有完成，请重新导出。")
    export.created_by, export.created_at = actor.user_id, NOW
    session.add_all((pair, export))

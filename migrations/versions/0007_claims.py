"""First reports, contested tickets, credit splits, transfers, repeats.

Revision ID: 0007
Revises: 0006
"""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
JSON = sa.JSON(none_as_null=True).with_variant(JSONB(none_as_null=True), "postgresql")
INSTANT = sa.DateTime(timezone=True)
CODE, SHORT, LINE = sa.String(40), sa.String(80), sa.String(200)
OUTCOMES = ("first", "second", "shared")

PERSON, UNIT = "user_account", "org_unit"


def upgrade() -> None:
    """Build it."""
    _claims()
    _disputes()
    _transfers()
    _splits()
    _repeats()


def downgrade() -> None:
    """Take it away."""
    for table in ("project_repeat", "project_key"):
        op.drop_table(table)
    if op.get_bind().dialect.name == "postgresql":
        op.drop_constraint("fk_credit_split_whole", "credit_split", type_="foreignkey")
    for table in (
        "credit_part", "credit_split", "transfer", "claim_evidence", "claim_dispute", "claim_renewal", "claim_event",
        "claim",
    ):  # fmt: skip
        op.drop_table(table)


def _col(name: str, kind: Any, *, null: bool = False) -> sa.Column[Any]:  # noqa: ANN401 (any column type)
    return sa.Column(name, kind, nullable=null)


def _refs(table: str, **columns: str) -> list[sa.ForeignKeyConstraint]:
    return [
        sa.ForeignKeyConstraint([column], [f"{target}.id"], name=f"fk_{table}_{column}")
        for column, target in columns.items()
    ]


def _check(table: str, name: str, rule: str) -> sa.CheckConstraint:
    return sa.CheckConstraint(rule, name=op.f(f"ck_{table}_{name}"))


def _enum(table: str, name: str, *keys: str) -> sa.CheckConstraint:
    return _check(table, name, f"{name} IN ({', '.join(repr(key) for key in keys)})")


def _key(table: str) -> sa.PrimaryKeyConstraint:
    return sa.PrimaryKeyConstraint("id", name=f"pk_{table}")


def _unique_where(name: str, table: str, column: str, rule: str) -> None:
    op.create_index(name, table, [column], unique=True, sqlite_where=sa.text(rule), postgresql_where=sa.text(rule))


def _claims() -> None:
    op.create_table(
        "claim",
        _col("id", BIG),
        _col("project_id", BIG),
        _col("enterprise_id", BIG),
        _col("investor", LINE),
        _col("investor_key", BIG),
        _col("unit_id", BIG),
        _col("status", CODE),
        _col("content", sa.Text()),
        _col("total_investment", sa.BigInteger(), null=True),
        _col("fixed_investment", sa.BigInteger(), null=True),
        _col("land", LINE, null=True),
        _col("energy", LINE, null=True),
        _col("environment", LINE, null=True),
        _col("output", sa.BigInteger(), null=True),
        _col("tax", sa.BigInteger(), null=True),
        _col("contact_id", BIG, null=True),
        _col("created_by", BIG),
        _col("created_at", INSTANT),
        _col("filed_by", BIG, null=True),
        _col("filed_at", INSTANT, null=True),
        _col("content_hash", SHORT, null=True),
        _col("protection_until", sa.Date(), null=True),
        _col("version", sa.Integer()),
        _enum("claim", "status", "draft", "filed", "active", "contested", "expired", "ceded", "released"),
        _check("claim", "filed", "(status = 'draft') = (filed_at IS NULL)"),
        _check("claim", "filed_by", "(filed_at IS NULL) = (filed_by IS NULL)"),
        _check("claim", "content_hash", "(filed_at IS NULL) = (content_hash IS NULL)"),
        _check("claim", "protection", "status NOT IN ('active', 'contested') OR protection_until IS NOT NULL"),
        *_refs(
            "claim",
            project_id="project",
            enterprise_id="enterprise",
            unit_id=UNIT,
            contact_id="contact",
            created_by=PERSON,
            filed_by=PERSON,
        ),
        _key("claim"),
    )
    _unique_where("uq_claim_live", "claim", "investor_key", "status IN ('active', 'contested')")
    _unique_where("uq_claim_standing", "claim", "project_id", "status IN ('draft', 'filed', 'active', 'contested')")
    op.create_index("ix_claim_investor_key", "claim", ["investor_key", "id"])
    op.create_index("ix_claim_status_protection_until", "claim", ["status", "protection_until"])
    op.create_index("ix_claim_unit_id_status", "claim", ["unit_id", "status"])
    op.create_index("ix_claim_project_id", "claim", ["project_id"])
    op.create_index("ix_claim_enterprise_id", "claim", ["enterprise_id"])
    op.create_table(
        "claim_event",
        _col("id", BIG),
        _col("claim_id", BIG),
        _col("kind", CODE),
        _col("at", INSTANT),
        _col("by", BIG, null=True),
        _col("note", sa.Text(), null=True),
        _enum("claim_event", "kind", "filed", "renewed", "expired", "contested", "kept", "won", "ceded", "released"),
        *_refs("claim_event", claim_id="claim", by=PERSON),
        _key("claim_event"),
    )
    op.create_index("ix_claim_event_claim_id", "claim_event", ["claim_id"])
    op.create_table(
        "claim_renewal",
        _col("id", BIG),
        _col("claim_id", BIG),
        _col("basis", CODE),
        _col("ref_id", BIG),
        _col("evidence_at", INSTANT),
        _col("until_before", sa.Date()),
        _col("until_after", sa.Date()),
        _col("at", INSTANT),
        _col("by", BIG, null=True),
        _enum("claim_renewal", "basis", "touch", "stage"),
        _check("claim_renewal", "longer", "until_after > until_before"),
        *_refs("claim_renewal", claim_id="claim", by=PERSON),
        _key("claim_renewal"),
        sa.UniqueConstraint("claim_id", "basis", "ref_id", name="uq_claim_renewal_claim_id_basis_ref_id"),
    )


def _disputes() -> None:
    table = "claim_dispute"
    op.create_table(
        table,
        _col("id", BIG),
        _col("investor_key", BIG),
        _col("first_claim_id", BIG),
        _col("second_claim_id", BIG),
        _col("first_filed_by", BIG),
        _col("second_filed_by", BIG),
        _col("opened_at", INSTANT),
        _col("due_on", sa.Date()),
        _col("state", CODE),
        _col("ruled_by", BIG, null=True),
        _col("ruled_at", INSTANT, null=True),
        _col("outcome", CODE, null=True),
        _col("share", sa.Integer(), null=True),
        _col("ruling", sa.Text(), null=True),
        _col("appeal_until", sa.Date(), null=True),
        _col("appealed_by", BIG, null=True),
        _col("appealed_at", INSTANT, null=True),
        _col("appeal", sa.Text(), null=True),
        _col("decided_by", BIG, null=True),
        _col("decided_at", INSTANT, null=True),
        _col("decision", sa.Text(), null=True),
        _col("final_outcome", CODE, null=True),
        _col("final_share", sa.Integer(), null=True),
        _col("closed_at", INSTANT, null=True),
        _col("version", sa.Integer()),
        _enum(table, "state", "open", "ruled", "appealed", "closed"),
        _enum(table, "outcome", *OUTCOMES),
        _enum(table, "final_outcome", *OUTCOMES),
        _check(table, "sides", "first_claim_id <> second_claim_id"),
        _check(table, "ruled_at", "(ruled_by IS NULL) = (ruled_at IS NULL)"),
        _check(table, "outcome_set", "(ruled_by IS NULL) = (outcome IS NULL)"),
        _check(table, "own_ruling", "ruled_by IS NULL OR (ruled_by <> first_filed_by AND ruled_by <> second_filed_by)"),
        _check(table, "share", "(share IS NOT NULL) = (outcome IS NOT NULL AND outcome = 'shared')"),
        _check(table, "share_range", "share IS NULL OR (share > 0 AND share < 1000)"),
        _check(table, "appealed_at", "(appealed_by IS NULL) = (appealed_at IS NULL)"),
        _check(table, "appeal_after_ruling", "appealed_by IS NULL OR ruled_by IS NOT NULL"),
        _check(table, "decided_at", "(decided_by IS NULL) = (decided_at IS NULL)"),
        _check(table, "decided_after_appeal", "decided_by IS NULL OR appealed_by IS NOT NULL"),
        _check(
            table,
            "own_decision",
            "decided_by IS NULL OR (decided_by <> ruled_by AND decided_by <> first_filed_by"
            " AND decided_by <> second_filed_by)",
        ),
        _check(
            table, "final_share", "(final_share IS NOT NULL) = (final_outcome IS NOT NULL AND final_outcome = 'shared')"
        ),
        _check(table, "closed_at", "(state = 'closed') = (closed_at IS NOT NULL)"),
        _check(table, "closed", "(state = 'closed') = (final_outcome IS NOT NULL)"),
        *_refs(
            table,
            first_claim_id="claim",
            second_claim_id="claim",
            first_filed_by=PERSON,
            second_filed_by=PERSON,
            ruled_by=PERSON,
            appealed_by=PERSON,
            decided_by=PERSON,
        ),
        _key(table),
        sa.UniqueConstraint("second_claim_id", name="uq_claim_dispute_second_claim_id"),
    )
    _unique_where("uq_claim_dispute_open", table, "investor_key", "state <> 'closed'")
    op.create_index("ix_claim_dispute_state", table, ["state", "due_on"])
    op.create_index("ix_claim_dispute_first_claim_id", table, ["first_claim_id"])
    op.create_table(
        "claim_evidence",
        _col("id", BIG),
        _col("dispute_id", BIG),
        _col("claim_id", BIG),
        _col("body", sa.Text()),
        _col("by", BIG),
        _col("at", INSTANT),
        *_refs("claim_evidence", dispute_id=table, claim_id="claim", by=PERSON),
        _key("claim_evidence"),
    )
    op.create_index("ix_claim_evidence_dispute_id", "claim_evidence", ["dispute_id"])


def _transfers() -> None:
    table = "transfer"
    op.create_table(
        table,
        _col("id", BIG),
        _col("project_id", BIG),
        _col("from_unit_id", BIG),
        _col("to_unit_id", BIG),
        _col("reason", sa.Text()),
        _col("from_share", sa.Integer()),
        _col("state", CODE),
        _col("proposed_by", BIG),
        _col("proposed_at", INSTANT),
        _col("approved_by", BIG, null=True),
        _col("approved_at", INSTANT, null=True),
        _col("approval", sa.Text(), null=True),
        _col("accepted_by", BIG, null=True),
        _col("accepted_at", INSTANT, null=True),
        _col("version", sa.Integer()),
        _enum(table, "state", "proposed", "approved", "refused", "accepted", "withdrawn"),
        _check(table, "units", "from_unit_id <> to_unit_id"),
        _check(table, "from_share", "from_share >= 0 AND from_share <= 1000"),
        _check(table, "own_approval", "approved_by IS NULL OR approved_by <> proposed_by"),
        _check(table, "approved_at", "(approved_by IS NULL) = (approved_at IS NULL)"),
        _check(table, "own_acceptance", "accepted_by IS NULL OR accepted_by <> proposed_by"),
        _check(table, "accepted_at", "(accepted_by IS NULL) = (accepted_at IS NULL)"),
        _check(table, "accepted", "(state = 'accepted') = (accepted_by IS NOT NULL)"),
        _check(table, "approved_first", "state <> 'accepted' OR approved_by IS NOT NULL"),
        *_refs(
            table,
            project_id="project",
            from_unit_id=UNIT,
            to_unit_id=UNIT,
            proposed_by=PERSON,
            approved_by=PERSON,
            accepted_by=PERSON,
        ),
        _key(table),
    )
    _unique_where("uq_transfer_open", table, "project_id", "state IN ('proposed', 'approved')")
    op.create_index("ix_transfer_to_unit_id_state", table, ["to_unit_id", "state"])
    op.create_index("ix_transfer_state", table, ["state", "id"])
    op.create_index("ix_transfer_project_id", table, ["project_id"])


def _splits() -> None:
    """Head and parts refer to each other: SQLite takes both references at once, PostgreSQL one after the other."""
    whole = (["id", "whole"], ["credit_part.split_id", "credit_part.upto"])
    sqlite = op.get_bind().dialect.name == "sqlite"
    op.create_table(
        "credit_split",
        _col("id", BIG),
        _col("project_id", BIG),
        _col("whole", sa.Integer()),
        _col("basis", CODE),
        _col("reason", sa.Text()),
        _col("follows_id", BIG, null=True),
        _col("dispute_id", BIG, null=True),
        _col("transfer_id", BIG, null=True),
        _col("made_by", BIG),
        _col("made_at", INSTANT),
        _enum("credit_split", "basis", "agreed", "ruling", "transfer"),
        _check("credit_split", "whole", "whole = 1000"),
        *_refs(
            "credit_split",
            project_id="project",
            follows_id="credit_split",
            dispute_id="claim_dispute",
            transfer_id="transfer",
            made_by=PERSON,
        ),
        *(
            [sa.ForeignKeyConstraint(*whole, "fk_credit_split_whole", deferrable=True, initially="DEFERRED")]
            if sqlite
            else []
        ),
        _key("credit_split"),
        sa.UniqueConstraint("follows_id", name="uq_credit_split_follows_id"),
    )
    _unique_where("uq_credit_split_first", "credit_split", "project_id", "follows_id IS NULL")
    op.create_index("ix_credit_split_project_id", "credit_split", ["project_id"])
    op.create_table(
        "credit_part",
        _col("split_id", BIG),
        _col("upto", sa.Integer()),
        _col("since", sa.Integer()),
        _col("share", sa.Integer()),
        _col("follows", sa.Integer(), null=True),
        _col("unit_id", BIG),
        _check("credit_part", "share", "share > 0"),
        _check("credit_part", "since", "since >= 0"),
        _check("credit_part", "upto", "since + share = upto"),
        _check("credit_part", "whole", "upto <= 1000"),
        _check(
            "credit_part", "follows", "(since = 0 AND follows IS NULL) OR (follows IS NOT NULL AND follows = since)"
        ),
        *_refs("credit_part", split_id="credit_split", unit_id=UNIT),
        sa.PrimaryKeyConstraint("split_id", "upto", name="pk_credit_part"),
        sa.ForeignKeyConstraint(
            ["split_id", "follows"],
            ["credit_part.split_id", "credit_part.upto"],
            name="fk_credit_part_follows",
            deferrable=True,
            initially="DEFERRED",
        ),
        sa.UniqueConstraint("split_id", "since", name="uq_credit_part_split_id_since"),
        sa.UniqueConstraint("split_id", "unit_id", name="uq_credit_part_unit"),
    )
    if not sqlite:
        op.create_foreign_key(
            "fk_credit_split_whole",
            "credit_split",
            "credit_part",
            whole[0],
            ["split_id", "upto"],
            deferrable=True,
            initially="DEFERRED",
        )


def _repeats() -> None:
    op.create_table(
        "project_key",
        _col("project_id", BIG),
        _col("kind", CODE),
        _col("value", LINE),
        *_refs("project_key", project_id="project"),
        sa.PrimaryKeyConstraint("project_id", "kind", name="pk_project_key"),
    )
    op.create_index("ix_project_key_kind_value", "project_key", ["kind", "value", "project_id"])
    table = "project_repeat"
    op.create_table(
        table,
        _col("id", BIG),
        _col("project_id", BIG),
        _col("earlier_id", BIG),
        _col("registered_by", BIG),
        _col("grade", CODE),
        _col("reasons", JSON),
        _col("state", CODE),
        _col("found_at", INSTANT),
        _col("increment", sa.BigInteger(), null=True),
        _col("ruled_by", BIG, null=True),
        _col("ruled_at", INSTANT, null=True),
        _col("reason", sa.Text(), null=True),
        _col("version", sa.Integer()),
        _enum(table, "grade", "exact", "likely"),
        _enum(table, "state", "open", "same", "different", "expansion"),
        _check(table, "earlier", "earlier_id < project_id"),
        _check(table, "ruled", "(state = 'open') = (ruled_by IS NULL)"),
        _check(table, "ruled_at", "(ruled_by IS NULL) = (ruled_at IS NULL)"),
        _check(table, "expansion", "(state = 'expansion') = (increment IS NOT NULL)"),
        _check(table, "increment", "increment IS NULL OR increment > 0"),
        _check(table, "own", "ruled_by IS NULL OR ruled_by <> registered_by"),
        *_refs(table, project_id="project", earlier_id="project", registered_by=PERSON, ruled_by=PERSON),
        _key(table),
        sa.UniqueConstraint("project_id", "earlier_id", name="uq_project_repeat_project_id_earlier_id"),
    )
    op.create_index("ix_project_repeat_state", table, ["state", "id"])
    op.create_index("ix_project_repeat_earlier_id", table, ["earlier_id"])

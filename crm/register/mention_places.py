"""Where people write: each text column of the tables, with the page on which it can be read and corrected.

A column of words stands here or in :mod:`crm.register.mention_reasons`; a test holds both against the tables, so that
a new column is decided about before it is kept.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from crm.core.db import Base

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy import Column, ColumnElement, FromClause


@dataclass(frozen=True, slots=True)
class Place:
    """Columns of one table; ``number`` is the column that names the page, here or in the last table of ``via``.

    ``only`` are the subjects of which files are meant.
    """

    kind: str
    table: str
    number: str
    words: str
    via: tuple[str, ...] = ()
    only: str = ""

    @property
    def columns(self) -> Sequence[Column[str]]:
        """Columns that are searched."""
        held = Base.metadata.tables[self.table].c
        return [held[name] for name in self.words.split()]

    @property
    def ref(self) -> Column[int]:
        """Column with the number of the page."""
        return Base.metadata.tables[self.via[-1] if self.via else self.table].c[self.number]

    @property
    def source(self) -> FromClause:
        """The table, joined along its own foreign keys to where the number stands."""
        tables = Base.metadata.tables
        found: FromClause = tables[self.table]
        last: FromClause = found
        for name in self.via:
            found, last = found.join(tables[name], self._key(last, name)), tables[name]
        return found

    def _key(self, table: FromClause, name: str) -> ColumnElement[bool]:
        if name == self.only:
            return table.c.subject_id == Base.metadata.tables[name].c.id
        key = next(one for one in table.foreign_keys if one.column.table.name == name and one.column.primary_key)
        return key.parent == key.column


FIRM, WORK, PLAN, CASE, DUTY = "enterprise_id", "project_id", ("delivery_plan",), ("review_case",), ("obligation",)

FIELD = (
    Place("touch", "touch", "id", "summary report people place void_reason"),
    Place("follow_up", "follow_up", "id", "title done_note"),
    Place("follow_up", "chain_mark", "id", "note"),
    Place("chain", "chain", "id", "name steps"),
    Place("trip", "trip", "id", "title purpose approved_by approval_note minutes"),
    Place("trip", "trip_member", "trip_id", "name post"),
    Place("trip", "trip_stop", "trip_id", "title place meets points proposals sites policies skipped"),
    Place("reception", "reception", "id", "title place purpose feedback"),
    Place("reception", "reception_person", "reception_id", "name post"),
    Place("reception", "reception_slot", "reception_id", "title place responsible feedback"),
    Place("event", "event", "id", "name hours place host partners theme cancel_reason"),
    Place("event", "event_delegate", "event_id", "name post speech"),
    Place("event", "event_guest", "event_id", "firm person"),
    Place("event", "event_credit", "event_id", "reason"),
    Place("meeting", "meeting", "id", "title place guests minutes cancel_reason"),
    Place("meeting", "agenda_item", "meeting_id", "title detail note"),
    Place("meeting", "meeting_decision", "meeting_id", "text note"),
    Place("meeting_series", "meeting_series", "id", "name place"),
    Place("inspection", "site_inspection", "id", "place outside_people summary void_reason"),
    Place("inspection", "site_finding", "inspection_id", "body"),
    Place("inspection", "site_recheck", "inspection_id", "note", ("site_finding",)),
    Place("post", "stationed_post", "id", "name address close_reason note"),
    Place("post", "posting", "post_id", "end_reason"),
    Place("post", "check_in", "post_id", "note", ("posting",)),
    Place("post", "absence", "post_id", "note", ("posting",)),
    Place("training", "training", "id", "title place topic"),
    Place("training", "training_place", "training_id", "result"),
)

REGISTER = (
    Place("enterprise", "enterprise", "id", "name name_en profile source_org"),
    Place("enterprise", "enterprise_alias", FIRM, "alias source"),
    Place("enterprise", "work_deferral", FIRM, "reason"),
    Place("profile", "profile_entry", FIRM, "body source"),
    Place("relation", "enterprise_relation", "from_id", "note source"),
    Place("score", "score_override", FIRM, "reason"),
    Place("roll", "list_entry", "list_id", "printed_name revenue_note", ("list_edition",)),
    Place("roll", "list_edition", "list_id", "source"),
    Place("bulk", "bulk_run", "id", "state changes"),
    Place("saved_view", "saved_view", "id", "name"),
    Place("comment", "stream_comment", FIRM, "body"),
    Place("project_comment", "stream_comment", WORK, "body"),
    Place("signal", "signal", "id", "decision_note"),
    Place("signal_watch", "signal_watch", "id", "name chosen"),
    Place("signal_rule", "office_rule", "id", "examples note"),
    Place("unit", "org_unit_version", "unit_id", "reason"),
    Place("industry", "industry_chain", "id", "summary leader team guide"),
    Place("industry", "attachment", "subject_id", "name", only="industry_guide"),
    Place("industry_node", "industry_node", "id", "note"),
    Place("industry_node", "industry_place", "node_id", "note"),
    Place("industry_node", "industry_verdict", "node_id", "reason"),
    Place("carrier", "carrier", "id", "name address withdrawn_reason facilities note"),
    Place("carrier", "carrier_hold", "carrier_id", "holder end_reason"),
    Place("idle", "idle_step", "case_id", "detail"),
    Place("land", "land_delay", "hold_id", "detail"),
    Place("policy", "policy_version", "policy_id", "title summary"),
    Place("policy", "policy_clause", "policy_id", "text review_basis", ("policy_version",)),
    Place("handbook", "office_answer", "id", "body"),
    Place("bank", "bank_project", "id", "name content conditions benefit contact_post"),
    Place("bank", "bank_step", "bank_project_id", "reason"),
    Place("edition", "bank_edition", "id", "title body"),
    Place("proposal", "bank_proposal_text", "proposal_id", "title body"),
    Place("bank_link", "bank_link", "id", "label contact"),
)

ROAD = (
    Place("project", "project", "id", "name industry site product_line key_reason content exit_detail code_name"
          " probability_reason"),
    Place("project", "project_note", WORK, "body"),
    Place("project", "stage_entry", WORK, "reason takes_over promised"),
    Place("project", "project_exit", WORK, "detail place learned"),
    Place("project", "gate_exception", WORK, "reason granted legal_basis note"),
    Place("project", "review", WORK, "opinions note"),
    Place("project", "handover", WORK, "reason answer_reason"),
    Place("project", "lead_event", WORK, "reason"),
    Place("tip", "lead_tip", "id", "text enterprise_name answer"),
    Place("referrer", "referrer", "id", "name contract_no note"),
    Place("repeat", "project_repeat", "id", "reasons reason"),
    Place("claim", "claim", WORK, "investor content land energy environment"),
    Place("claim", "claim_event", WORK, "note", ("claim",)),
    Place("claim", "credit_split", WORK, "reason"),
    Place("dispute", "claim_dispute", "id", "ruling appeal decision"),
    Place("dispute", "claim_evidence", "dispute_id", "body"),
    Place("dispute", "attachment", "dispute_id", "name", ("claim_evidence",), only="claim_evidence"),
    Place("transfer", "transfer", "id", "reason approval"),
    Place("counting", "counting_ruling", WORK, "reason"),
    Place("counting", "counting_mark", WORK, "params"),
    Place("counting_rules", "counting_edition", "id", "rules reason"),
    Place("admission", "opinion_answer", WORK, "body conditions reason", ("opinion", "review_case")),
    Place("admission", "score_line", WORK, "reason", CASE),
    Place("admission", "board_vote", WORK, "reason", CASE),
    Place("admission", "board_recusal", WORK, "reason", CASE),
    Place("admission", "case_decision", WORK, "note override", CASE),
    Place("admission", "attachment", WORK, "name", ("opinion_answer", "opinion", "review_case"), only="opinion_answer"),
    Place("approval", "approval", WORK, "title chain checklist closed_reason"),
    Place("approval", "approval_step", WORK, "body"),
    Place("approval", "consultation", WORK, "body", ("approval",)),
    Place("approval", "incentive_clause", WORK, "body", ("approval",)),
    Place("approval", "clause_finding", WORK, "basis", ("incentive_clause", "approval")),
    Place("approval", "readiness_check", WORK, "note", ("approval",)),
    Place("approval", "attachment", WORK, "name", ("approval_step",), only="approval_step"),
    Place("agreement", "agreement", WORK, "none_ours none_theirs no_deposit difference_reason"),
    Place("agreement", "attachment", WORK, "name", ("agreement",), only="agreement"),
    Place("instruction", "instruction", "id", "body"),
    Place("instruction", "instruction_reply", "instruction_id", "body"),
)  # fmt: skip

AFTER = (
    Place("obligation", "obligation", WORK, "body evidence"),
    Place("obligation", "obligation_record", WORK, "evidence", DUTY),
    Place("obligation", "payout", WORK, "review_basis", DUTY),
    Place("letter", "delivery_letter", WORK, "title addressee detail"),
    Place("capital", "capital_voucher", "id", "payer note"),
    Place("capital", "capital_decision", "voucher_id", "reason"),
    Place("capital", "attachment", "subject_id", "name", only="capital_voucher"),
    Place("plan", "plan_node", WORK, "pause_reason reason", PLAN),
    Place("plan", "plan_check", WORK, "progress problem next_step changes", PLAN),
    Place("plan", "plan_fact", WORK, "detail", PLAN),
    Place("plan", "plan_opinion", WORK, "matter notice answer", PLAN),
    Place("plan", "attachment", WORK, "name", ("plan_node",), only="plan_node"),
    Place("blocker", "blocker", "id", "title detail confirmed_by"),
    Place("blocker", "blocker_step", "blocker_id", "body link"),
    Place("task_force", "task_force", "id", "name purpose"),
    Place("exit", "exit_case", "id", "grounds"),
    Place("exit", "exit_step", "case_id", "detail"),
    Place("exit", "exit_reversal", "case_id", "label"),
    Place("case", "service_case", "id", "title body"),
    Place("case", "case_step", "case_id", "body"),
    Place("financing", "financing_need", "id", "purpose pledge bank"),
    Place("financing", "financing_step", "need_id", "bank body"),
    Place("firm_plan", "firm_plan", "id", "goal"),
    Place("firm_plan", "firm_plan_item", "plan_id", "title result"),
    Place("firm_round", "firm_round", "id", "note"),
    Place("survey", "survey", "id", "title questions"),
    Place("survey", "survey_answer", "survey_id", "remark"),
)

FIGURES = (
    Place("campaign", "campaign", "id", "name slogan"),
    Place("campaign", "campaign_phase", "campaign_id", "name plan"),
    Place("campaign", "campaign_item", "campaign_id", "label"),
    Place("bulletin", "campaign_bulletin", "id", "title body figures"),
    Place("target", "target", "id", "site note"),
    Place("spending", "spending", "id", "purpose void_reason"),
    Place("spending", "unit_budget", "id", "basis"),
    Place("rule_book", "rule_book", "id", "name body feeds note"),
    Place("assessment", "assessment_run", "id", "name"),
    Place("assessment", "assessment_adjustment", "run_id", "reason"),
    Place("assessment", "assessed_unit", "run_id", "detail"),
    Place("assessment", "assessed_list", "run_id", "name rows note"),
    Place("assessment", "assessed_value", "run_id", "name text note"),
    Place("assessment", "mutual_rating", "run_id", "name"),
    Place("slip", "supervision_slip", "id", "demand reply verdict"),
    Place("tour", "site_tour", "id", "name note criteria"),
    Place("tour", "tour_stop", "tour_id", "title"),
    Place("tour", "tour_sheet", "tour_id", "marks remark", ("tour_stop",)),
    Place("period", "period", "id", "name waived"),
    Place("period", "period_return", "period_id", "note"),
    Place("period", "period_row", "period_id", "rows"),
    Place("paper", "paper_issue", "id", "issuer content reason"),
    Place("paper", "paper_rows", "issue_id", "rows"),
    Place("weekly", "weekly_report", "id", "issuer texts edited"),
    Place("weekly", "weekly_step", "report_id", "reason"),
    Place("weekly", "report_rows", "report_id", "rows", ("report_figure",)),
)

PLACES = (*FIELD, *REGISTER, *ROAD, *AFTER, *FIGURES)

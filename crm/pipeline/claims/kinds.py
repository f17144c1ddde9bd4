"""Vocabulary of claims, disputes, splits and transfers. Pure."""

from __future__ import annotations

from enum import StrEnum


class ClaimStatus(StrEnum):
    """Life of a claim; ``filed`` waits behind the claim that was first."""

    DRAFT = "draft"
    FILED = "filed"
    ACTIVE = "active"
    CONTESTED = "contested"
    EXPIRED = "expired"
    CEDED = "ceded"
    RELEASED = "released"


STATUS_LABELS: dict[ClaimStatus, str] = {
    ClaimStatus.DRAFT: "草稿",
    ClaimStatus.FILED: "已报备，待裁定",
    ClaimStatus.ACTIVE: "保护中",
    ClaimStatus.CONTESTED: "有争议",
    ClaimStatus.EXPIRED: "已到期",
    ClaimStatus.CEDED: "首谈归他方",
    ClaimStatus.RELEASED: "已放弃",
}
LIVE = (ClaimStatus.ACTIVE, ClaimStatus.CONTESTED)
STANDING = (ClaimStatus.DRAFT, ClaimStatus.FILED, *LIVE)


class EventKind(StrEnum):
    """What happened to a claim."""

    FILED = "filed"
    RENEWED = "renewed"
    EXPIRED = "expired"
    CONTESTED = "contested"
    KEPT = "kept"
    WON = "won"
    CEDED = "ceded"
    RELEASED = "released"


EVENT_LABELS: dict[EventKind, str] = {
    EventKind.FILED: "报备",
    EventKind.RENEWED: "续保",
    EventKind.EXPIRED: "保护到期",
    EventKind.CONTESTED: "产生争议",
    EventKind.KEPT: "首报维持",
    EventKind.WON: "取得首谈",
    EventKind.CEDED: "首谈归他方",
    EventKind.RELEASED: "放弃",
}


class Basis(StrEnum):
    """What proves progress."""

    TOUCH = "touch"
    STAGE = "stage"


class DisputeState(StrEnum):
    """Life of a contested ticket."""

    OPEN = "open"
    RULED = "ruled"
    APPEALED = "appealed"
    CLOSED = "closed"


DISPUTE_LABELS: dict[DisputeState, str] = {
    DisputeState.OPEN: "待裁定",
    DisputeState.RULED: "已裁定，申诉期内",
    DisputeState.APPEALED: "申诉中",
    DisputeState.CLOSED: "已结",
}


class Outcome(StrEnum):
    """Whose the investor is."""

    FIRST = "first"
    SECOND = "second"
    SHARED = "shared"


OUTCOME_LABELS: dict[Outcome, str] = {
    Outcome.FIRST: "维持首报方",
    Outcome.SECOND: "归后报方",
    Outcome.SHARED: "共同首谈，按比例分成",
}


class SplitBasis(StrEnum):
    """What a credit split rests on."""

    AGREED = "agreed"
    RULING = "ruling"
    TRANSFER = "transfer"


BASIS_LABELS: dict[SplitBasis, str] = {
    SplitBasis.AGREED: "双方商定",
    SplitBasis.RULING: "争议裁定",
    SplitBasis.TRANSFER: "项目流转",
}


class TransferState(StrEnum):
    """Life of a transfer (流转)."""

    PROPOSED = "proposed"
    APPROVED = "approved"
    REFUSED = "refused"
    ACCEPTED = "accepted"
    WITHDRAWN = "withdrawn"


TRANSFER_LABELS: dict[TransferState, str] = {
    TransferState.PROPOSED: "待招商办核准",
    TransferState.APPROVED: "已核准，待接收",
    TransferState.REFUSED: "未核准",
    TransferState.ACCEPTED: "已接收",
    TransferState.WITHDRAWN: "已撤回",
}

"""What a lead is called that a signal becomes. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

from crm.signals.kinds import KIND_LABELS, SignalKind

if TYPE_CHECKING:
    from crm.enterprises.models import Enterprise
    from crm.signals.models import Signal

NAME_LENGTH = 200


def suggested_name(signal: Signal, firm: Enterprise) -> str:
    """Suggest a name: enterprise, kind, month."""
    label = KIND_LABELS[SignalKind(signal.kind)]
    return f"{firm.name[: NAME_LENGTH - 30]}{label}项目（{signal.happened_at:%Y年%m月}）"

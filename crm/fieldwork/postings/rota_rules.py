"""What the office demands of the turns its leaders take at the posts. Pure."""

from __future__ import annotations

from dataclasses import dataclass

from crm.core.errors import Problem


@dataclass(frozen=True, slots=True)
class RotaSetup:
    """How the office measures the turns of its leaders (50%以上参与, 党政主要领导至少1人)."""

    share: int = 50
    min_days: int = 1
    heads_needed: int = 1
    head_ids: tuple[int, ...] = ()


def rota_problems(setup: RotaSetup) -> list[Problem]:
    """Reasons why settings of the rota cannot be kept."""
    limits = (
        ("share", setup.share, 1, 100, "请填 1 到 100 的整数。"),
        ("min_days", setup.min_days, 1, 31, "请填 1 到 31 的整数。"),
        ("heads_needed", setup.heads_needed, 0, 10, "请填 0 到 10 的整数。"),
    )
    problems = [
        Problem(f"rota.{name}", text, name) for name, value, low, high, text in limits if not low <= value <= high
    ]
    if setup.heads_needed > len(setup.head_ids):
        problems.append(Problem("rota.heads", "勾选的党政主要领导比要求轮值的人数还少。", "head_ids"))
    return problems


def share_met(took_part: int, everybody: int, share: int) -> bool:
    """Whether enough of the leaders took part; without leaders there is nothing to miss."""
    return took_part * 100 >= share * everybody

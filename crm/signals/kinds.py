"""Kinds of lead signal and their Chinese names."""

from enum import StrEnum


class SignalKind(StrEnum):
    """Kinds of signal; the first four are the classes the office follows."""

    RELO = "RELO"
    CAPX = "CAPX"
    SUPP = "SUPP"
    NEG = "NEG"
    COOP = "COOP"
    EXEC = "EXEC"
    LAND = "LAND"
    ORDR = "ORDR"


KIND_LABELS = {
    SignalKind.RELO: "产业转移",
    SignalKind.CAPX: "资本扩张",
    SignalKind.SUPP: "产品配套",
    SignalKind.NEG: "负面",
    SignalKind.COOP: "战略合作",
    SignalKind.EXEC: "高层动向",
    SignalKind.LAND: "用地环评",
    SignalKind.ORDR: "订单中标",
}
SEED_CLASSES = (SignalKind.RELO, SignalKind.CAPX, SignalKind.SUPP, SignalKind.NEG)

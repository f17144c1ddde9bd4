"""From sentences to signals: evidence of a kind, tied to the enterprise named nearest.

A signal is always a quoted sentence with exact offsets, so that a reader can check it.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal

from crm.core.money import Amount, parse_amounts
from crm.core.text import Folded, fold_with_offsets
from crm.signals.kinds import KIND_LABELS, SEED_CLASSES, SignalKind
from crm.signals.matcher import EnterpriseId, Mention
from crm.signals.patterns import RULES, Rule

__all__ = [
    "KIND_LABELS",
    "RULES",
    "SEED_CLASSES",
    "Evidence",
    "Rule",
    "Signal",
    "SignalKind",
    "detect",
    "find_evidence",
    "sentences",
]

SENTENCE = re.compile(r"[^。！？!?；;\n\r]+[。！？!?；;]?[”’」』）)]*")
DENIAL = re.compile(
    r"(?:不会|不再|并未|没有|未曾|从未|暂无|尚无|并无|不存在|否认|未有|未涉及|不涉及|不是"
    r"|并非|无意|尚未|拒绝)[^。，,]{0,10}$"
)
DENIAL_AFTER = re.compile(r"[^。，,]{0,8}(?:不实|不属实|系谣言|为谣言|是谣言|纯属|的?传闻不|子虚乌有)")
SPEAKER_BEFORE = re.compile(r"(?:分析师|研究员|首席经济学家|据|来自|来源[:：])\s*$")
SPEAKER_AFTER = re.compile(
    r"^(?:证券)?(?:研报|研究报告|分析师|研究员|首席经济学家|研究所|策略团队|认为|预计|指出"
    r"|看好|维持|给予|上调|下调|[:：][^。]{0,12}(?:维持|予|评级|看好))"
)
DEAL_CUE = re.compile(
    r"投资|出资|斥资|增资|注资|融资|收购|入股|竞得|成交|中标|合同|罚款|处以|没收|引资|募资"
    r"|认购|支付|报价|签|注册资本|出售|设立|规模"
)
NO_DEAL = re.compile(r"营收|收入|净利|产值|销售额|市值|股价|税收|利润|贷款余额|估值")
CUE_WINDOW = 18
NEAR = 120


@dataclass(frozen=True)
class Evidence:
    """A sentence that speaks for a kind, with the part of it that says so."""

    kind: SignalKind
    start: int
    end: int
    trigger: tuple[int, int]
    weight: float
    reasons: tuple[str, ...]
    amount: Amount | None


@dataclass(frozen=True)
class Signal:
    """Evidence about one enterprise; `part[start:end] == quote` in the title or the body."""

    kind: SignalKind
    enterprise_id: EnterpriseId
    quote: str
    part: str
    start: int
    end: int
    weight: float
    reasons: tuple[str, ...]
    amount_wan: Decimal | None


def sentences(text: str) -> list[tuple[int, int]]:
    """Split a text into sentences, as half-open spans without surrounding white space."""
    spans = []
    for match in SENTENCE.finditer(text):
        sentence = match[0]
        lead = len(sentence) - len(sentence.lstrip())
        if sentence.strip():
            spans.append((match.start() + lead, match.start() + len(sentence.rstrip())))
    return spans


def find_evidence(text: str) -> list[Evidence]:
    """Find what speaks for a kind of signal, at most one per kind and sentence, in order."""
    found: list[Evidence] = []
    for start, end in sentences(text):
        best: dict[SignalKind, Evidence] = {}
        folded = fold_with_offsets(text[start:end])
        for rule in RULES:
            evidence = _apply(rule, folded, start, end)
            if evidence is None:
                continue
            known = best.get(rule.kind)
            best[rule.kind] = evidence if known is None else _joined(known, evidence)
        found.extend(best.values())
    return found


def _apply(rule: Rule, folded: Folded, start: int, end: int) -> Evidence | None:
    """Test one rule on one folded sentence that stands at `start` in the text."""
    sentence = folded.text
    if any(guard.search(sentence) for guard in rule.guards):
        return None
    for match in rule.pattern.finditer(sentence):
        if DENIAL.search(sentence[: match.start()]) or DENIAL_AFTER.match(sentence[match.end() :]):
            continue
        first, last = folded.span(match.start(), match.end())
        amount = _at(folded, start, deal_amount(sentence))
        trigger = (start + first, start + last)
        return Evidence(rule.kind, start, end, trigger, rule.weight, (rule.key,), amount)
    return None


def _at(folded: Folded, start: int, amount: Amount | None) -> Amount | None:
    """Move a sum found in a folded sentence to its place in the text."""
    if amount is None:
        return None
    first, last = folded.span(amount.start, amount.end)
    return replace(amount, start=start + first, end=start + last)


def _joined(first: Evidence, second: Evidence) -> Evidence:
    """Join two rules of a kind on one sentence: the stronger one leads."""
    lead = first if first.weight >= second.weight else second
    return Evidence(
        lead.kind, lead.start, lead.end, lead.trigger, lead.weight,
        (*first.reasons, *second.reasons), lead.amount,
    )  # fmt: skip


def deal_amount(sentence: str) -> Amount | None:
    """Choose the sum of the deal: the largest that follows a deal word and no revenue word."""
    chosen: Amount | None = None
    for amount in parse_amounts(sentence):
        before = sentence[max(0, amount.start - CUE_WINDOW) : amount.start]
        window = before + sentence[amount.end : amount.end + 6]
        usable = not amount.per_unit and not amount.vague and not NO_DEAL.search(window)
        if usable and DEAL_CUE.search(window) and (chosen is None or _larger(amount, chosen)):
            chosen = amount
    return chosen


def _larger(new: Amount, known: Amount) -> bool:
    """Compare sums of one currency; yuan win over others, so that no rate is needed."""
    if new.currency != known.currency:
        return new.currency == "CNY"
    return new.value > known.value


def detect(
    title: str,
    body: str,
    title_mentions: Sequence[Mention],
    body_mentions: Sequence[Mention],
) -> list[Signal]:
    """Find the signals of an article about the enterprises that it names.

    The enterprise is named in the sentence itself, or else it is the subject of the title, or else
    the one named last shortly before the sentence. Analysts and brokers who only speak are left out.
    Mention offsets count from the beginning of their part. One signal per kind, enterprise and
    part: the strongest, and among equals the first.
    """
    titled = _actors(title, title_mentions)
    subject = titled[:1]
    signals = [
        *_of_part("title", title, titled, subject),
        *_of_part("body", body, _actors(body, body_mentions), subject),
    ]
    strongest: dict[tuple[SignalKind, EnterpriseId, str], Signal] = {}
    for signal in signals:
        key = (signal.kind, signal.enterprise_id, signal.part)
        if key not in strongest or signal.weight > strongest[key].weight:
            strongest[key] = signal
    return list(strongest.values())


def _actors(text: str, mentions: Sequence[Mention]) -> list[Mention]:
    """Leave out those who only comment."""
    return [
        mention
        for mention in mentions
        if not SPEAKER_BEFORE.search(text[max(0, mention.start - 10) : mention.start])
        and not SPEAKER_AFTER.match(text[mention.end : mention.end + 20])
    ]


def _of_part(part: str, text: str, mentions: list[Mention], subject: list[Mention]) -> Iterator[Signal]:
    for found in find_evidence(text):
        for mention, how in _bearers(found, mentions, subject):
            weight = found.weight * (1.0 if how == "named_in_sentence" else 0.7)
            yield Signal(
                kind=found.kind,
                enterprise_id=mention.enterprise_id,
                quote=text[found.start : found.end],
                part=part,
                start=found.start,
                end=found.end,
                weight=round(weight, 3),
                reasons=(*found.reasons, how),
                amount_wan=found.amount.cny_wan if found.amount else None,
            )


def _bearers(found: Evidence, mentions: list[Mention], subject: list[Mention]) -> list[tuple[Mention, str]]:
    """Give the enterprises that a piece of evidence is about, and how that is known."""
    inside = [m for m in mentions if found.start <= m.start < found.end]
    if inside:
        return [(mention, "named_in_sentence") for mention in inside]
    if subject:
        return [(subject[0], "subject_of_title")]
    earlier = [m for m in mentions if m.end <= found.start <= m.end + NEAR]
    return [(earlier[-1], "named_before")] if earlier else []

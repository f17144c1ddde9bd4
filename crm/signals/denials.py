"""What takes a match back: it is denied, asked about, or called off. Patterns over folded sentences. Pure."""

from __future__ import annotations

import re
from dataclasses import dataclass

from crm.signals.kinds import SignalKind

REACH = 60
DENIED_BEFORE = re.compile(
    r"(?:(?:不会|不再|并未|没有|未曾|从未|暂无|尚无|并无|不存在|未有|未涉及|不涉及|不是|并非|无意"
    r"|拒绝|暂未|无计划|没计划|未直接|不在|并不直接|不直接"
    r"|未计划|没打算|不打算|未考虑|不考虑|不曾|未进行|未参与|不参与|未与|没与|不准备|尚未|不拟"
    r"|不寻求|不用于|没(?=停|裁|关))"
    r"(?:(?!的)[^。,;:、]){0,12}"
    r"|(?:没有|并无|暂无|尚无)[^。,;:]{0,14}|(?:尚|并|从)?未(?:有|发生|出现|存在)[^。,;:]{0,10}的?[^。,;:]{0,4}|(?:未|没)(?:再|曾|能)?|(?:亦|也|并|从|尚|仍)未[^。,;:的]{0,6}"
    r"|(?:否认|辟谣|驳斥|澄清)(?:(?!宣布|但|却|同日|同时|表示|不过|然而|公告)[^。;:]){0,40})$"
)
NOT_RULED_OUT = re.compile(r"(?:没有|尚未|并未|未能?|不能|无法)排除[^。;]{0,40}$")
DENIED_AFTER = re.compile(
    r"[^。;]{0,24}?(?:不实|不属实|谣言|纯属|子虚乌有|无中生有|系误读|(?:予以|遭到?|已|均|作出"
    r"|对此)否认|否认(?:了|称|该|这)"
    r"|并无此事|没有此事|无此计划|没有这[个样]|没有相关计划|暂无(?:此|相关|该)?(?:计划|安排)|失实"
    r"|捏造|传闻不|与事实不符|误传|不准确"
    r"|(?:称|表示|回应|指出)[^。;,]{0,4}(?:没有|并无|并未|不会|不存在))"
)
DENIED_REPORT_AFTER = re.compile(
    r"[^。,;]{0,20}(?:传闻|消息|报道)[^。;]{0,16}(?:不实|不属实|否认"
    r"|谣言|不准确|澄清|误)"
    r"|[^。,;]{0,6}(?:传闻|报道|消息|说法)[,:][^。;]{0,60}?(?:尚未|没有|并未|暂未|并无)"
)
DENIED_HEADLINE = re.compile(r"(?:传|报道)[^。]{0,40}(?:不实|不属实|谣言|并无此事|子虚乌有|失实)")
ASKED = re.compile(
    r"(?:是否|会不会|有没有|有无|是不是|能否|何时|如果|若|假如|一旦|倘若|以免|避免|防止|解决|杜绝|遏制|规避|严禁|禁止"
    r"|不得|预防)[^。,;:]{0,14}$"
)
VAGUE = re.compile(r"(?:不排除|视[^。,;]{0,8}情况|择机|合适(?:的)?(?:条件|时机))[^。,;]{0,20}$")
SINCE_AFTER = re.compile(r"[^。,;]{0,10}以来")
ENDED_BEFORE = re.compile(
    r"(?:终止|取消|放弃|搁置|叫停|撤销|解除|停止|中止|终结|撤回|不再推进|暂停|中断|否决|推翻|废止"
    r"|打消|撤出)(?:(?!并(?!购)|同时|转而|改为)[^。,;:]){0,24}$"
)
ENDED_JUST_BEFORE = re.compile(r"(?:终止|取消|放弃|搁置|叫停|撤销|停止|中止|撤回|暂停)[^。,;:及和、并]{0,10}$")
ENDED_AFTER = re.compile(
    r"[^。;]{0,36}?(?:(?:已|被|宣告|宣布|正式|遭|予以|将|决定|全面|已经|最终|提前|双方|同意"
    r"|协商)[^。,;]{0,6}(?:终止|取消|搁置|作罢|叫停|中止|解除|放弃|停止|撤销)"
    r"|告吹|失效|未获(?:得)?(?:通过|批准|核准)|告终|破局|铩羽|折戟|废标|流产|落空|作罢|谈判破裂|无疾而终|不了了之|(?:计划|项目|交易|事项|协议|谈判"
    r"|方案|投资|收购|合作|事宜)(?:的)?(?:终止|取消|搁置|中止|失败|被否|泡汤)"
    r"|未能(?:成行|达成|落地)|不再(?:推进|实施|进行|继续|执行))"
    r"|[^。;]{0,56}?(?:告终|告吹|铩羽)"
)
DONE_AFTER = re.compile(r"[^。,;]{0,4}(?:之后|完成后|后)[,将]")
ENGLISH_BEFORE = re.compile(
    r"(?:\b(?:not|never|no plans?|denie[sd]|deny|won't|rules? out|ruled out|refus\w+|no intention"
    r"|without)\b|n't\b)"
    r"[^.;,]{0,40}$"
)
ENGLISH_ENDED_BEFORE = re.compile(
    r"\b(?:cancel\w*|scrap\w*|terminat\w*|abandon\w*|call(?:s|ed)? off|drop(?:s|ped)?|shelv\w*|withdr[ae]w\w*"
    r"|pull(?:s|ed)? out of|walk(?:s|ed)? away from)\b[^.;,]{0,40}$"
)
ENGLISH_ENDED_AFTER = re.compile(
    r"[^.;]{0,60}?\b(?:(?:been|was|were|is|are) (?:cancel\w*|scrapped|terminated|abandoned"
    r"|called off|shelved|dropped"
    r"|denied)|collapsed|fell through|untrue|false rumou?rs?)\b"
)
INSIDE = re.compile(r"结束|终止|取消|放弃|搁置|叫停|否认|不会|没有|停止|中止|暂停|撤回|不再|并未|解除")
TAKE_BACK = (
    INSIDE,
    DENIED_BEFORE,
    DENIED_AFTER,
    DENIED_REPORT_AFTER,
    ASKED,
    VAGUE,
    SINCE_AFTER,
    ENDED_BEFORE,
    ENDED_AFTER,
    ENGLISH_BEFORE,
    ENGLISH_ENDED_BEFORE,
    ENGLISH_ENDED_AFTER,
)
CORE = re.compile(
    r"停产|停工|裁员|收购|并购|重组|建厂|设厂|搬迁|转移|投资|上市|ipo|合作|入股|破产|重整|关闭|增资"
    r"|中标|离职|辞职|违约|拿地|扩产|撤出|关停"
    r"|出售|供应|供货|融资|迁|罚|调查|合资|起诉"
)
RUMOUR = re.compile(
    r"回应|传闻|网传|传言|据传|又传|被传|疑似|辟谣|澄清|否认|谣言|消息称|(?:媒体|有|据)报道|报道称"
    r"|(?:^|[,。])传|\?"
)
NO_PLANS = re.compile(
    r"(?:没有|并无|暂无|尚无|无(?=任何|重大|相关))(?:任何|重大|相关|此类|这方面|具体|类似)?([^。,;新]{2,10})(?:的)?(?:计划|打算|安排|意向|意图)"
)
PLANS = frozenset({SignalKind.CAPX, SignalKind.COOP, SignalKind.RELO})
STAYS_WHEN_ENDED = frozenset({SignalKind.NEG, SignalKind.EXEC})
RUNS_AGAINST = re.compile(r"诉讼|索赔|起诉|lawsuit|裁员|停产|停工|关闭|关停|破产|重整|减产")


@dataclass(frozen=True, slots=True)
class TakenBack:
    """A match that does not count, and why: ``denied``, ``asked``, ``past`` or ``ended``."""

    kind: SignalKind
    why: str
    core: frozenset[str]
    start: int


def core(text: str) -> frozenset[str]:
    """The deeds that a matched text names, to tell whether two matches speak of the same."""
    return frozenset(CORE.findall(text))


def taken_back(kind: SignalKind, sentence: str, start: int, end: int) -> str | None:
    """Say why the match ``sentence[start:end]`` does not count; None when it stands."""
    before, after = sentence[max(0, start - REACH) : start], sentence[end : end + REACH]
    inner = sentence[start:end]
    if _denied(before, after):
        return "denied"
    if ASKED.search(before) or (kind in PLANS and VAGUE.search(before)):
        return "asked"
    if SINCE_AFTER.match(after):
        return "past"
    if kind not in STAYS_WHEN_ENDED and INSIDE.search(inner):
        return "ended"
    runs_against = kind is SignalKind.NEG and RUNS_AGAINST.search(inner)
    if kind in STAYS_WHEN_ENDED and not runs_against:
        return None
    before_it = ENDED_JUST_BEFORE if runs_against else ENDED_BEFORE
    ended = before_it.search(before) or ENGLISH_ENDED_BEFORE.search(before) or ENGLISH_ENDED_AFTER.match(after)
    if not ended and not DONE_AFTER.match(after):
        ended = ENDED_AFTER.match(after)
    return "ended" if ended else None


def _denied(before: str, after: str) -> bool:
    return bool(
        (DENIED_BEFORE.search(before) and not NOT_RULED_OUT.search(before))
        or DENIED_AFTER.match(after)
        or DENIED_REPORT_AFTER.match(after)
        or ENGLISH_BEFORE.search(before)
    )

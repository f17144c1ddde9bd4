"""The words inside a reckoning and their English: a reckoning is one line of signs, numbers and these pieces."""

from __future__ import annotations

import re

ENGLISH = {
    "绕回到自己，请检查 indicators 里的公式": " leads back to itself: check the formulas of indicators",
    "和同组比较的公式": "a formula that compares with the group",
    "指标“": "indicator “",
    "公式套得太深，请拆开或少套几层": "formulas inside formulas are too deep: take them apart",
    "得分太大，请核对数值和单位": "too many points: check the values and their unit",
    "要逐项计算的次数太多，请减少列表里套列表的算法": "too many steps: use fewer lists inside lists",
    "：这条规则还没有得分，只能引用排在前面的规则": ": not reckoned yet, only rules further up can be named",
    "没有名为": "no list named ",
    "的列表：请到本考核的“列表”页填写，互评的要等截止；也可能是 items 里的名称写错": (
        ": fill it in under “Lists” of this assessment (mutual ratings count once closed), or it is misspelt in items"
    ),
    "的列表：还没有填，或 items 里的名称写错": ": not filled in yet, or misspelt in items",
    "不是这条规则的评分组": " is no group of raters of this rule ",
    "里的": " has ",
    "评分应在0到": "a mark is between 0 and ",
    "之间，现在是": ", not ",
    "前后除得太细，请用 round 取整": " is divided too finely: use round",
    "公式里的数": "number of a formula ",
    "太大或太小": " too large or too small",
    "的数太大": " is too large",
    "各项都不考核，没有可以分摊的项": "nothing is left to share the weight among",
    "同组单位都没有": "nobody of the group has ",
    "是0，不能做除数": " is 0 and cannot divide",
    "还没有评分": " has no marks yet",
    "，不能排名": ", no place",
    "（去掉最高最低）": " (less one highest and one lowest)",
    "（没有目标，计0）": " (no target: 0)",
    "没有符合的项，计0": "nothing that counts: 0",
    "，本项不考核，权重": "; left out, its weight ",
    "分摊到其他各项": " shared among the others",
    "项取最高：": " items, the best: ",
    "项合计：": " items, sum: ",
    "项平均：": " items, mean: ",
    "；另有": "; and ",
    "（单项封顶": " (at most ",
    "未达各档得": " below all bands: ",
    "：不符合，得": ": no, ",
    "：符合，得": ": yes, ",
    "不考核项权重分摊": "Weight of what is left out",
    "四舍五入": "Rounding",
    "总分封顶": "Cap of the total",
    "保留": "to ",
    "位小数": " decimals",
    "，按满分": "; full mark ",
    "全组最高": "best of the group ",
    "全组都是": "all of the group ",
    "不适用": "does not apply",
    "，封顶": ", at most ",
    "，最低": ", at least ",
    "没有填": " is not filled in",
    "应是数字，现在是": " should be a number, is ",
    "折算": ": scaled",
    "调整：": "Adjustment: ",
    " 签批": " signed",
    "最高": "at most ",
    "（最多": " (at most ",
    "（满": " (from ",
    "但不符合": " but not ",
    "，满": ", from ",
    "）得": "): ",
    "（差": " (short by ",
    "超出": "beyond ",
    "，每": ", for every ",
    "×系数": "×factor ",
    "，计0": ": 0",
    "（按": " (counts ",
    "，第": ", place ",
    "名得": ": ",
    "，得": ", ",
    "得": ": ",
    "少": " short ",
    "计": ": ",
    "项": " items",
    "分": "",
    "：": ": ",
    "，": ", ",
    "；": "; ",
}
# Pieces that are words of everyday names too count only beside a number or a quotation mark.
_BESIDE = {
    "项": r"(?<=\d)项",
    "分": r"(?<=\d)分",
    "得": r"得(?=-?\d)",
    "计": r"计(?=-?\d)",
    "少": r"少(?=\d)",
    "最高": r"最高(?=-?\d)",
    "里的": r"(?<=”)里的",
    "超出": r"超出(?=\d)",
    "保留": r"保留(?=\d)",
}
_PIECES = re.compile("|".join(_BESIDE.get(one, re.escape(one)) for one in sorted(ENGLISH, key=len, reverse=True)))
ADJUSTMENT, SCALED, SECTION = "调整：", "折算", "section_"
OURS = {"exempt", "cap", "round"}


def english(text: str) -> str:
    """Put the English pieces in; names and numbers stay as they are."""
    return _PIECES.sub(lambda piece: ENGLISH[piece[0]], text)


def english_label(key: str, label: str) -> str:
    """Put the label of a line that the reckoning added into English; labels of rules are names and stay."""
    if key == "adjustment" and label.startswith(ADJUSTMENT):
        return ENGLISH[ADJUSTMENT] + label[len(ADJUSTMENT) :]
    if key.startswith(SECTION) and label.endswith(SCALED):
        return label[: -len(SCALED)] + ENGLISH[SCALED]
    return english(label) if key in OURS else label

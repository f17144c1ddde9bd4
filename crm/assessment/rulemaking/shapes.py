"""What is asked on the form of a rule: the fields of every kind with their words, units and hints. Pure.

One table for forms, as ``engine.schema.KINDS`` is one for files; a test holds both together.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from crm.assessment.books.rules import PROMOTION, VETO


class Sort(StrEnum):
    """How a field is typed."""

    LINE = "line"
    LONG = "long"
    NAME = "name"
    NUMBER = "number"
    FORMULA = "formula"  # an indicator from a list, or a formula typed beside it
    CONDITION = "condition"  # an indicator, a sign and what it is compared with, or a formula
    CHOICE = "choice"
    CAP = "cap"  # none, what the rule is worth, or a number typed beside it
    ROWS = "rows"
    WORDS = "words"  # rows of a word and its number
    NUMBERS = "numbers"  # rows of one number
    RULES = "rules"  # rules within a rule


@dataclass(frozen=True, slots=True)
class Shape:
    """One field: its key in the file, what it is called, in what unit, what blank means, and the fields of its rows."""

    key: str
    label: str
    sort: Sort = Sort.NUMBER
    unit: str = ""
    hint: str = ""
    needed: bool = False
    choices: tuple[tuple[str, str], ...] = ()
    rows: tuple[Shape, ...] = ()
    wide: bool = False


POINTS, PERCENT = "分", "可写 50%"
OWN = "="  # the choice of a list that means: as typed beside it
YES_NO = (("true", "是"), ("false", "否"))
NO_YES = (("false", "否"), ("true", "是"))
BETTER = (("more", "越大越好"), ("less", "越小越好"))
SIGNS = (
    ("≥", "至少（≥）"),
    (">", "大于（＞）"),
    ("=", "等于（＝）"),
    ("≠", "不等于（≠）"),
    ("<", "小于（＜）"),
    ("≤", "最多（≤）"),
)


def _points(key: str, label: str, hint: str = "", *, needed: bool = False) -> Shape:
    return Shape(key, label, Sort.NUMBER, POINTS, hint, needed=needed)


def _value(key: str = "value", label: str = "看哪个指标", hint: str = "") -> Shape:
    return Shape(key, label, Sort.FORMULA, hint=hint, needed=True)


TERM = (
    _value(label="指标"),
    _points("each", "每个多少分", needed=True),
    _points("most", "这一项最多", "不填就不封顶"),
    Shape("label", "叫什么", Sort.LINE),
)
PART = (
    _value("done", "完成数"),
    Shape("target", "任务数", Sort.FORMULA, hint="完成数已经是比率时，留空"),
    Shape("share", "占多少", Sort.NUMBER, PERCENT, "不填按100%"),
    Shape("most", "完成率最多按", Sort.NUMBER, "例如 120%", "不填就不封顶"),
)
STEP = (
    _value(label="指标"),
    Shape("at_least", "至少要", Sort.FORMULA, hint="填数，或选一个任务指标", needed=True),
    _points("each", "每少一个扣", needed=True),
    Shape("label", "叫什么", Sort.LINE, hint="例如 3至10亿元项目"),
)
BAND = (
    Shape("at_least", "满多少", Sort.NUMBER, "可写 80%", needed=True),
    _points("points", "得", needed=True),
    Shape("needs", "还要符合", Sort.CONDITION, hint="不符合就看下一档；没有就不选", wide=True),
)
VOICES = (
    Shape("group", "评分组", Sort.LINE, hint="例如 园区", needed=True),
    Shape("share", "占多少", Sort.NUMBER, PERCENT, needed=True),
)
WORD = (Shape("word", "填的是", Sort.LINE, needed=True), _points("points", "得", needed=True))

KIND_SHAPES: dict[str, tuple[Shape, ...]] = {
    "ratio": (
        _value("done", "完成数"),
        Shape("target", "任务数", Sort.FORMULA, hint="完成数已经是比率（例如报送率）时，留空"),
        _points("weight", "满分", "完成率100%得这么多分", needed=True),
        Shape("most", "完成率最多按", Sort.NUMBER, "例如 120%", "超额按到多少；不填就不封顶"),
    ),
    "composite": (
        Shape("parts", "各项完成率", Sort.ROWS, needed=True, rows=PART),
        _points("weight", "满分", "各项合计100%得这么多分；不填按1分"),
    ),
    "ladder": (
        _points("full", "满分", needed=True),
        Shape("per", "不够时", Sort.CHOICE, choices=(("piece", "每少一个扣一次"), ("step", "不管少几个，只扣一次"))),
        Shape("steps", "各档要求", Sort.ROWS, needed=True, rows=STEP),
    ),
    "sum": (
        _points("base", "基础分", "不填按0分"),
        Shape("plus", "加分项", Sort.ROWS, rows=TERM),
        Shape("less", "扣分项", Sort.ROWS, rows=TERM),
    ),
    "bands": (
        _value(),
        Shape("bands", "各档得分", Sort.ROWS, needed=True, rows=BAND),
        _points("below", "低于各档得", "不填按0分"),
        _points("below_each", "低于最低一档，每少1再减", "从最低一档的分往下减，减到0为止"),
        Shape("less", "再扣分", Sort.ROWS, rows=TERM),
        _points("weight", "折合满分", "各档按百分制写时填，例如30；不填就直接用各档的分"),
    ),
    "choices": (
        _value("value", "看哪个指标", "这个指标填的是文字，例如 产业、民生"),
        Shape("choices", "各类得分", Sort.WORDS, needed=True, rows=WORD),
        _points("other", "其他得", "不填按0分"),
    ),
    "every": (
        _value(),
        Shape("over", "超过多少才算", Sort.FORMULA, hint="填数，或选一个任务指标；不填从0算起"),
        Shape("every", "每多少", Sort.NUMBER, hint="例如 每1个、每1亿元", needed=True),
        _points("each", "计", needed=True),
        Shape("whole", "不足一份不计", Sort.CHOICE, choices=YES_NO),
    ),
    "condition": (
        Shape("condition", "符合什么条件", Sort.CONDITION, needed=True, wide=True),
        _points("points", "符合得", needed=True),
        _points("otherwise", "不符合得", "不填按0分"),
    ),
    "min_max": (
        _value(),
        Shape("better", "方向", Sort.CHOICE, choices=BETTER),
        _points("weight", "占多少分", "100分里占多少，例如30；不填按100"),
        _points("low", "全组最差得", "百分制；不填按60分"),
        _points("high", "全组最好得", "百分制；不填按100分"),
        _points("when_equal", "全组都一样时得", "百分制；不填按最好的算"),
    ),
    "best": (_value(), _points("weight", "满分", "全组最高的得这么多分", needed=True)),
    "place": (
        _value(),
        Shape("better", "方向", Sort.CHOICE, choices=BETTER),
        Shape("points", "各名次得分", Sort.NUMBERS, needed=True, rows=(_points("points", "得", needed=True),),
              hint="从第1名写起"),
        _points("step", "再往后每名减", "减到0为止；不填就得0分"),
    ),
    "rating": (
        Shape("items", "评分表叫什么", Sort.NAME, hint="考核时在“列表”页填写，或请人互评", needed=True),
        Shape("mark", "分数是哪一列", Sort.FORMULA, hint="例如 得分", needed=True),
        _points("scale", "评分表满分", "不填按100分"),
        _points("weight", "满分", needed=True),
        Shape("groups", "评分组", Sort.ROWS, rows=VOICES, hint="不分组就不加行"),
        Shape("drop_extremes", "去掉一个最高分和一个最低分", Sort.CHOICE, choices=NO_YES,
              hint="满3份才去；请人互评的每组至少请5人"),
    ),
    "items": (
        Shape("items", "列表叫什么", Sort.NAME, hint="一行一项，例如 重点项目；考核时在“列表”页填写", needed=True),
        Shape("where", "只算符合条件的", Sort.CONDITION, hint="不选就都算", wide=True),
        Shape("rules", "每一项怎么得分", Sort.RULES, needed=True, hint="下面各条的分加在一起"),
        Shape("combine", "各项怎么合起来", Sort.CHOICE,
              choices=(("sum", "合计"), ("average", "平均"), ("best", "取最高的一项"))),
        Shape("top", "只取最高的几项", Sort.NUMBER, "项", "不填就都算"),
        _points("each_cap", "单项最多"),
    ),
    "formula": (
        Shape("formula", "公式", Sort.FORMULA, hint="指标、数字和 + - × ÷（）", needed=True, wide=True),
        _points("full", "满分", "按满分计或不考核时要用"),
    ),
}  # fmt: skip
HEAD = (
    Shape("label", "名称", Sort.LINE, needed=True),
    Shape("text", "办法原文", Sort.LONG, hint="照文件抄，考核结果里会印在名称下面", wide=True),
)
LIMITS = (
    Shape("cap", "封顶", Sort.CAP),
    _points("floor", "最低", "例如0：扣到0为止；不填就不限"),
    Shape("missing", "没有数时", Sort.CHOICE, choices=(
        ("error", "提示补数，暂不排名"), ("zero", "计0分"), ("full", "按满分计"),
        ("exempt", "不考核，分值摊给其他各项"))),
)  # fmt: skip
FURTHER = (
    Shape("when", "只适用于", Sort.CONDITION, hint="例如 类型＝小分队；不选就都适用", wide=True),
    Shape("factor", "再乘系数", Sort.FORMULA, hint="不填就不乘"),
    Shape("round", "保留几位小数", Sort.NUMBER, "位", "不填就不取整"),
    Shape("section", "归入哪个部分", Sort.CHOICE, hint="部分在总则里添加"),
    Shape("key", "公式里的简称", Sort.NAME, hint="不填由名称生成；别的公式用它引用这条规则的得分"),
    Shape("note", "备注", Sort.LINE),
)
INSIDE = (
    *LIMITS,
    *(one for one in FURTHER if one.key != "section"),
    Shape("label", "叫什么", Sort.LINE),
    Shape("text", "办法原文", Sort.LINE),
)
EFFECTS = (("no_honour", "不能评优"), ("zero", "总分计0"), ("last", "排到最后"), ("limit", "限定最高分"))
VERDICTS: dict[str, tuple[Shape, ...]] = {
    VETO: (
        Shape("when", "什么情况", Sort.CONDITION, needed=True, wide=True),
        Shape("effect", "怎么处理", Sort.CHOICE, choices=EFFECTS),
        _points("value", "最高分", "只在“限定最高分”时填"),
    ),
    PROMOTION: (
        Shape("when", "什么情况", Sort.CONDITION, needed=True, wide=True),
        Shape("steps", "升几档", Sort.NUMBER, "档", "不填升1档"),
    ),
}
SHORT = Shape("key", "简称", Sort.NAME, hint="不填由名称生成")
NUMBERED = (Shape("word", "名称", Sort.NAME, needed=True), Shape("points", "数", Sort.NUMBER, needed=True))
SETTINGS = (
    Shape("name", "办法名称", Sort.LINE, needed=True),
    Shape("source", "依据", Sort.LINE, hint="文件名称和文号"),
    _points("total.cap", "总分最多", "不填就不封顶"),
    Shape("total.round", "总分保留几位小数", Sort.NUMBER, "位", "不填按2位"),
    Shape("rank.within", "名次", Sort.CHOICE, choices=(("group", "同组里排"), ("all", "全部一起排"))),
    Shape("consequences.honours", "红榜取前几名", Sort.NUMBER, "名", "不填就没有红榜"),
    Shape("consequences.bottom", "末位取后几名", Sort.NUMBER, "名", "不填就没有末位"),
    Shape("consequences.runs", "连续几次末位提醒", Sort.NUMBER, "次", "不填按2次"),
    Shape("grades", "等次", Sort.ROWS, rows=(
        Shape("grade", "等次", Sort.LINE, hint="例如 优秀", needed=True),
        _points("at_least", "至少", needed=True),
        Shape("share", "最多占", Sort.NUMBER, "例如 30%", "单位数的几成；不填就不限"))),
    Shape("sections", "部分", Sort.ROWS, hint="几条规则合成一部分，一起折算或封顶", rows=(
        Shape("key", "部分", Sort.LINE, needed=True),
        Shape("scale", "折算", Sort.NUMBER, "例如 30%", "100分折成30分；不填就不折"),
        _points("cap", "最多"),
        Shape("label", "全称", Sort.LINE))),
    Shape("parameters", "固定的数", Sort.WORDS, hint="几条规则共用的数，改一处就都改了", rows=NUMBERED),
    Shape("indicators", "由别的指标算出的指标", Sort.ROWS, rows=(
        Shape("key", "指标", Sort.NAME, needed=True),
        Shape("formula", "怎么算", Sort.FORMULA, hint="例如 到位资金 ÷ 协议资金", needed=True),
        Shape("label", "说明", Sort.LINE))),
)  # fmt: skip


def of_rule(kind: str, *, inside: bool = False) -> tuple[Shape, ...]:
    """Every field of a rule, a veto or a promotion, in the order in which it is asked."""
    if kind in VERDICTS:
        return (HEAD[0], *VERDICTS[kind], SHORT)
    own = KIND_SHAPES.get(kind, ())
    return (*own, *INSIDE) if inside else (*HEAD, *own, *LIMITS, *FURTHER)

"""Columns of a sheet of policies: the head of a policy, and one clause of it a line."""

from __future__ import annotations

from crm.imports.sheets.contract import Field
from crm.imports.sheets.units import UNIT
from crm.imports.sheets.vocabulary import MONEY
from crm.resources.policies.rules import BASIS_LABELS, KIND_LABELS, LEVEL_LABELS

REVIEW = "review"
HEAD_FIELDS = ("issuer", "level", "valid_from", "valid_until", "industries", "summary")
FIELDS = (
    Field(
        "title",
        "政策名称",
        "政策 政策全称 文件名称 标题",
        "同一份政策的每一行都写，至少四个字",
        "云溪县支持制造业若干措施",
        needed=True,
    ),
    Field(
        "document_no",
        "文号",
        "发文字号",
        "同一份政策的每一行都写；没有文号的写“无文号”",
        "云政发〔2026〕8号",
        needed=True,
    ),
    Field("issuer", "发文单位", "发文机关 发布单位", "新政策必填，写在第一行就行", "云溪县人民政府"),
    Field("level", "级别", "政策级别 层级", "新政策必填：国家、省、市 或 县区", "县区", tuple(LEVEL_LABELS.values())),
    Field(UNIT, "维护单位", "单位 责任单位", "只用于新政策；不填按导入时选的单位", "云溪县招商局"),
    Field("valid_from", "生效日期", "施行日期 起始日期", "新政策必填", "2026-01-01"),
    Field("valid_until", "失效日期", "截止日期 有效期至", "长期有效的不填", "2028-12-31"),
    Field("industries", "适用产业", "", "用顿号隔开", "电子、装备"),
    Field("summary", "要点", "政策要点 摘要", "", ""),
    Field("number", "条款号", "条款 条目", "每行一条；同一份政策里不重复", "第三条（二）", needed=True),
    Field("kind", "种类", "条款种类 类别 支持方式", "新条款必填", "投资奖补", tuple(KIND_LABELS.values())),
    Field(
        "text",
        "条款原文",
        "原文 条款内容 内容",
        "新条款必填，至少四个字",
        "对固定资产投资达到5000万元的项目，按5%给予奖励。",
    ),
    Field("basis", "计算依据", "", "能计算的条款，与标准一起填", "固定资产投资（万元）", tuple(BASIS_LABELS.values())),
    Field(
        "rate",
        "标准",
        "比例 奖补标准 补贴标准",
        "按投资、利息的填百分数；按亩、平方米、人、美元的填元；一次性的填万元",
        "5",
    ),
    Field("cap", "封顶（万元）", "封顶金额 上限", "", "1000", measure=MONEY),
    Field("years", "连续几年", "", "1 到 20", "3"),
    Field("clause_industries", "只给哪些产业", "限定产业", "用顿号隔开", "电子"),
    Field("only_foreign", "只给外商投资项目", "仅限外资", "是 或 否", "否", ("是", "否")),
    Field("min_fixed", "固定资产投资至少（万元）", "固定资产投资门槛", "", "5000", measure=MONEY),
    Field("min_intensity", "投资强度至少（万元/亩）", "投资强度门槛", "", "300"),
    Field("min_tax", "年纳税至少（万元）", "纳税门槛", "", "100", measure=MONEY),
    Field("min_staff", "用工至少（人）", "用工门槛", "", "50"),
    Field("min_foreign", "外资到账至少（万美元）", "外资门槛", "", "500"),
    Field(
        REVIEW, "公平竞争审查", "审查结果 审查结论", "不从这里导入：每一条都按“未审查”进草稿，审查在政策页逐条登记", ""
    ),
)
LABELS = {one.key: one.label for one in FIELDS}
CLAUSE_LABELS = LABELS | {"industries": LABELS["clause_industries"]}
CLAUSE_HEADS = {"industries": "clause_industries"}

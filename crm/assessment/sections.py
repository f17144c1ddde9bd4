"""Pages that share their tabs: of analysis, and of assessments."""

from __future__ import annotations

ANALYSIS = {
    "reports.funnel": "漏斗",
    "insight.compare": "同期比较",
    "insight.groups": "分组对比",
    "insight.stays": "停留时间",
    "insight.cohorts": "转化",
    "insight.forecast": "预测",
    "insight.stalled": "停滞",
    "insight.screen": "大屏",
}
ASSESSING = {
    "assess.index": "考核",
    "assess_books.index": "考核办法",
    "assess_slips.index": "后进督办",
    "assess_ratings.mine": "请我评分",
    "tours.index": "观摩拉练",
    "merits.index": "实绩台账",
    "budgets.index": "经费",
    "periods.index": "账期",
}

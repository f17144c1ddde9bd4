"""Patterns and names of typefaces that are looked for in papers; nothing here is shown to people."""

from __future__ import annotations

import re

from crm.word import norm

ALIKE = {
    norm.FANGSONG: {
        "仿宋_gb2312", "仿宋", "fangsong_gb2312", "fangsong", "方正仿宋_gbk", "方正仿宋简体", "华文仿宋", "stfangsong",
    },
    norm.KAITI: {"楷体_gb2312", "楷体", "kaiti_gb2312", "kaiti", "方正楷体_gbk", "方正楷体简体", "华文楷体", "stkaiti"},
    norm.HEITI: {"黑体", "simhei", "方正黑体_gbk", "方正黑体简体", "华文黑体", "stheiti"},
    norm.XIAOBIAOSONG: {"方正小标宋简体", "方正小标宋_gbk", "小标宋", "fzxiaobiaosong-b05s", "华文中宋", "stzhongsong"},
}  # fmt: skip
NUMERAL = re.compile(r"[一二三四五六七八九十]+")
ONE = re.compile(r"^[一二三四五六七八九十]+、")
TWO = re.compile(r"^（[一二三四五六七八九十]+）(?![、，.．])")
THREE = re.compile(r"^\d+[.．]")
FOUR = re.compile(r"^（\d+）(?![、，.．])")
DASHED = re.compile(r"—\s*\d*\s*—|—\s*PAGE.*—")
WRONG_NUMBER = re.compile(r"[\[［【（(]((?:19|20)\d\d)[\]］】）)]\s*(?:第)?\s*(\d+)\s*号")
RIGHT_NUMBER = re.compile(r"〔((?:19|20)\d\d|\d\d)〕\s*(第)?\s*(\d+)\s*号")
DATE = re.compile(r"(\d{4})年(\d{1,2})月(\d{1,2})日")
CHINESE_DATE = re.compile(r"[二〇○零一三四五六七八九]{4}年[一二三四五六七八九十]{1,3}月[一二三四五六七八九十]{1,3}日$")

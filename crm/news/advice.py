"""What to do about a test run that brings nothing, where that is more than ``failing.advice`` says."""

from __future__ import annotations

TRIAL_ADVICE = {
    "empty_list": "选择器没有匹配到文章链接。从下面建议的选择器里选一个，或者清空选择器让系统自动识别。",
    "needs_scripts": (
        "这个列表是网页脚本生成的。看看网站有没有订阅或网站地图；"
        "懂技术的同事可以在浏览器的开发者工具里找到列表的数据地址，类型改选“JSON 接口”。"
    ),
    "nothing_found": "没有取到任何文章。请核对网址；设了网址规则的话，看看是不是都被排除了。",
    "empty_body": "文章页没有识别出正文。用浏览器打开一篇，把正文所在位置的选择器填到“文章页”。",
}
PROBLEM_LABELS = {
    "no_title": "没有读出标题",
    "no_body": "没有读出正文",
    "thin_body": "正文很短",
    "no_time": "没有读出时间",
    "no_markup": "页面是空的",
    "damaged_bytes": "有乱码",
    "parts_missing": "缺了后面几页",
}
OTHER_PROBLEM = "读得不完整"

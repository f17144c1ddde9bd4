"""Which provinces the regions of units stand for, as units write them. Pure."""

from __future__ import annotations

AREAS: dict[str, tuple[str, ...]] = {
    "粤港澳": ("广东", "香港", "澳门"),
    "大湾区": ("广东", "香港", "澳门"),
    "珠三角": ("广东",),
    "长三角": ("上海", "江苏", "浙江", "安徽"),
    "京津冀": ("北京", "天津", "河北"),
    "成渝": ("四川", "重庆"),
    "川渝": ("四川", "重庆"),
    "闽浙": ("福建", "浙江"),
    "东北": ("辽宁", "吉林", "黑龙江"),
    "中部": ("湖北", "湖南", "河南", "江西", "安徽", "山西"),
}
PROVINCES = (
    *("北京", "天津", "河北", "山西", "内蒙古", "辽宁", "吉林", "黑龙江", "上海", "江苏", "浙江", "安徽"),
    *("福建", "江西", "山东", "河南", "湖北", "湖南", "广东", "广西", "海南", "重庆", "四川", "贵州"),
    *("云南", "西藏", "陕西", "甘肃", "青海", "宁夏", "新疆", "香港", "澳门", "台湾"),
)


def provinces_in(region: str) -> list[str]:
    """Read the provinces a unit's region stands for: 长三角, 成渝, 广东省、福建省."""
    found = [name for area, names in AREAS.items() if area in region for name in names]
    found += [name for name in PROVINCES if name in region]
    return list(dict.fromkeys(found))

"""Columns of a sheet of carriers."""

from __future__ import annotations

from crm.imports.sheets.contract import Field
from crm.imports.sheets.units import UNIT
from crm.imports.sheets.vocabulary import LAND
from crm.resources.carriers.rules import BASIS_LABELS, KIND_LABELS, USE_LABELS

FIELDS = (
    Field(
        "code",
        "编号",
        "载体编号 地块编号 厂房编号",
        "全局唯一；登记册里已有的编号是更新，没有的新增",
        "DQ-C03",
        needed=True,
    ),
    Field("name", "名称", "载体名称 地块名称 厂房名称", "新增必填", "东区3号标准厂房"),
    Field(
        "kind",
        "类别",
        "载体类别 种类",
        "新增必填：园区、地块、标准厂房 或 楼宇楼层",
        "标准厂房",
        tuple(KIND_LABELS.values()),
    ),
    Field(
        "area",
        "面积",
        "总面积 占地面积 建筑面积 用地面积",
        "新增必填；园区和地块按亩（写平方米、公顷会折成亩），厂房和楼层按平方米",
        "8600",
        measure=LAND,
    ),
    Field(UNIT, "所属单位", "单位 管理单位 责任单位", "只用于新增；不填按导入时选的单位", "云溪县招商局"),
    Field("park", "所在园区", "园区 所属园区", "园区的编号或名称；同一张表里的园区也行", "DQ"),
    Field("address", "地址", "位置 坐落", "", "东区纬三路8号"),
    Field("use", "用途", "规划用途 土地用途", "", "工业", tuple(USE_LABELS.values())),
    Field("price", "价格", "单价 租金 售价", "与计价方式一起填", "12"),
    Field("basis", "计价方式", "价格单位 计价", "", "元/平方米·月（租）", tuple(BASIS_LABELS.values())),
    Field("industries", "接受的产业", "适用产业 产业方向 主导产业", "用顿号隔开", "电子、装备"),
    Field("barred", "禁止的产业", "负面清单 限制产业", "用顿号隔开", "化工"),
    Field("height_limit", "限高（米）", "", "只写数字", "24"),
    Field("ceiling", "层高（米）", "", "只写数字", "7.8"),
    Field("load", "荷载（吨/平方米）", "承重 楼面荷载", "只写数字", "1.5"),
    Field("power", "电力容量（千伏安）", "电力 供电容量", "只写数字", "2000"),
    Field("energy", "能耗指标（吨标煤/年）", "能耗", "只写数字", "500"),
    Field("min_intensity", "投资强度底线（万元/亩）", "投资强度", "只写数字", "300"),
    Field("min_tax", "亩均税收底线（万元）", "亩均税收", "只写数字", "20"),
    Field("longitude", "经度", "", "与纬度一起填，最多六位小数", "121.1"),
    Field("latitude", "纬度", "", "与经度一起填，最多六位小数", "31.4"),
    Field("listed_from", "上架日期", "可供日期", "不填就是导入那一天", "2026-01-31"),
    Field("facilities", "配套", "配套设施", "", "标准化污水处理"),
    Field("note", "备注", "说明", "", ""),
)
LABELS = {one.key: one.label for one in FIELDS} | {"parent_id": "所在园区", "unit_id": "所属单位"}
HEADS = {"parent_id": "park", "unit_id": UNIT}

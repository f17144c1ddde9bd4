"""What jobs have to tell: their words stand here, where the catalogue is collected."""

from __future__ import annotations

EXPORTED = "导出已完成，共%(n)s行，请下载"
NOT_EXPORTED = "导出没有完成，请看原因"
CHECKED = "导入文件“%(name)s”已核对完，请确认后写入"
IMPORTED = "导入文件“%(name)s”已写入"
TAKEN_BACK = "导入文件“%(name)s”已撤回"
NOT_IMPORTED = "导入文件“%(name)s”没有完成，请看原因"
MATCHED = "全部项目已匹配，共%(n)s个，请看结果"

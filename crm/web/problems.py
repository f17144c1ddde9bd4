"""Refusals as programs read them: ``application/problem+json`` (RFC 9457) in the caller's language."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask import g, jsonify, request

from crm.web.i18n import API_ROOT, say, tr

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from flask import Response

    from crm.core.errors import Problem

MEDIA = "application/problem+json"
FAILURE = 500
TITLES: dict[int, tuple[str, str]] = {
    400: ("请求有误", "请求读不懂：请检查 JSON 和地址里的参数。"),
    401: ("需要有效的令牌", "请在请求头 Authorization 里用 Bearer 带上有效的令牌。"),
    403: ("没有权限", "您的角色或这个令牌不能进行这项操作。"),
    404: ("没有找到", "这条记录不存在，或者不在您的查看范围内。"),
    405: ("方式不对", "这个地址不支持这种请求方式。"),
    409: ("与别处的修改冲突", "这条记录刚被改过，或者同样的内容已经存在。请重新读取后再试。"),
    412: ("版本已变", "这条记录在您读取之后有人改过。请重新读取，再带上新的 If-Match。"),
    413: ("内容太大", "请求内容超过上限，请分批发送。"),
    415: ("格式不对", "请以 application/json 发送内容。"),
    422: ("内容需要修改", "请按 errors 里的说明修改后再提交。"),
    428: ("缺少版本", "修改前请先读取，并在请求头 If-Match 里带上读到的 ETag。"),
    429: ("请求太频繁", "请按 Retry-After 的秒数等待后再试。"),
    500: ("系统出错了", "错误已经记录。请把 request_id 告诉管理员。"),
    503: ("服务暂时不可用", "数据库正在恢复，请一分钟后再试。"),
}


def asked() -> bool:
    """Whether a program asks, and not a page."""
    return request.path.startswith(API_ROOT)


def answer(status: int, problems: Sequence[Problem] = (), headers: Mapping[str, str] | None = None) -> Response:
    """Write a refusal with its reasons; each names the field it belongs to, if any."""
    if status >= FAILURE:
        g.failing = True
    status = status if status in TITLES else 400 if status < FAILURE else 500
    title, detail = TITLES[status]
    said = [{"code": one.key, "field": one.field, "message": say(one)} for one in problems]
    alone = said[0]["message"] if len(said) == 1 and said[0]["field"] is None else None
    response = jsonify(
        type=f"urn:yinfeng:problem:{status}",
        title=tr(title),
        status=status,
        detail=alone or tr(detail),
        request_id=g.get("request_id"),
        errors=said,
    )
    response.status_code, response.mimetype = status, MEDIA
    response.headers.update(headers or {})
    return response

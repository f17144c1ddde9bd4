"""Every refusal and failure as a page or fragment that says what to do next."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

from flask import g, render_template, request
from flask_wtf.csrf import CSRFError
from sqlalchemy.exc import DataError, IntegrityError, OperationalError
from sqlalchemy.orm.exc import StaleDataError
from werkzeug.exceptions import HTTPException

from crm.core.errors import DomainError
from crm.web import db, problems
from crm.web.i18n import say, tr

if TYPE_CHECKING:
    from flask import Flask
    from flask.typing import ResponseReturnValue

FAILURE = 500
LOG = logging.getLogger(__name__)
PAGES: dict[int, tuple[str, str]] = {
    400: ("请求有误", "这个请求的内容不完整或格式不对。请返回上一页重试。"),
    401: ("请先登录", "登录已失效，请重新登录后继续。"),
    403: ("没有权限", "您的角色不能进行这项操作。需要时请联系系统管理员调整编组。"),
    404: ("没有找到", "这条记录不存在，或者不在您的查看范围内。"),
    405: ("方式不对", "这个地址不支持这种操作。请从页面上的按钮进入。"),
    409: ("内容已被他人更新", "您打开页面之后，有人改过这条记录。请刷新后再改，您填写的内容可先复制保存。"),
    413: ("文件太大", "单个文件不能超过 %(megabytes)s MB。请压缩或分批上传。"),
    422: ("内容需要修改", "请按提示修改后再提交。"),
    429: ("操作太频繁", "请稍等几分钟再试。"),
    500: ("系统出错了", "错误已经记录。请稍后再试；如仍出错，请把下面的编号告诉管理员。"),
    503: ("服务暂时不可用", "数据库或任务队列正在恢复，请一分钟后再试。"),
}
CSRF_TEXT = ("页面已过期", "出于安全考虑，这次提交没有生效。请返回刷新页面后重新提交。")


def init_app(app: Flask) -> None:
    """Attach the handlers."""
    app.register_error_handler(CSRFError, _csrf)
    app.register_error_handler(DomainError, _domain)
    app.register_error_handler(HTTPException, _http)
    app.register_error_handler(IntegrityError, _integrity)
    app.register_error_handler(StaleDataError, _stale)
    app.register_error_handler(DataError, _unstorable)
    app.register_error_handler(OverflowError, _unstorable)
    app.register_error_handler(OperationalError, _unavailable)
    app.register_error_handler(Exception, _unexpected)


def error_page(status: int, title: str, text: str, reasons: tuple[str, ...] = ()) -> ResponseReturnValue:
    """Render a refusal: a fragment for htmx, a whole page otherwise."""
    fragment = "HX-Request" in request.headers or request.headers.get("X-Requested-With") == "fetch"
    template = "errors/fragment.html" if fragment else "errors/error.html"
    page = render_template(
        template,
        code=status,
        title=title,
        text=text,
        problems=reasons,
        action=None,
        request_id=g.get("request_id"),
    )
    return page, status


def _plain(status: int) -> ResponseReturnValue:
    if problems.asked():
        return problems.answer(status)
    if status >= FAILURE:
        g.failing = True  # before the first word is translated: the person's language is in the database
    title, text = PAGES.get(status, PAGES[400])
    megabytes = (request.max_content_length or 0) // 1024 // 1024
    words = tr(text)
    return error_page(status, tr(title), words % {"megabytes": megabytes} if "%(" in words else words)


def _csrf(_error: CSRFError) -> ResponseReturnValue:
    return error_page(400, tr(CSRF_TEXT[0]), tr(CSRF_TEXT[1]))


def _domain(error: DomainError) -> ResponseReturnValue:
    if problems.asked():
        return problems.answer(error.status, error.problems, getattr(error, "headers", None))
    title, text = PAGES[error.status]
    return error_page(error.status, tr(title), tr(text), tuple(say(problem) for problem in error.problems))


def _http(error: HTTPException) -> ResponseReturnValue:
    if error.code is None or error.code < 400:  # noqa: PLR2004 (redirects raised as exceptions)
        return error.get_response()
    return _plain(error.code)


def _integrity(error: IntegrityError) -> ResponseReturnValue:
    LOG.warning("integrity error: %s", str(error.orig).partition("\n")[0])  # the lines below tell values
    return _broken_off(409)


def _stale(_error: StaleDataError) -> ResponseReturnValue:
    return _broken_off(409)


def _unstorable(error: DataError | OverflowError) -> ResponseReturnValue:
    LOG.warning("a value no column holds", exc_info=error)
    return _broken_off(400)


def _broken_off(status: int) -> ResponseReturnValue:
    """Say it on a page that can read again: what was half written is rolled back first."""
    db.session().rollback()
    return _plain(status)


def _unavailable(error: OperationalError) -> ResponseReturnValue:
    LOG.error("database unavailable: %s", error.orig)
    return _plain(503)


def _unexpected(error: Exception) -> ResponseReturnValue:
    LOG.error("unexpected error", exc_info=error)
    return _plain(500)

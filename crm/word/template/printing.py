"""Printing by an office's template: which one holds, and a sentence for people when no file comes of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from crm.core.errors import DomainError, Problem
from crm.word.template import queries
from crm.word.template.rendering import TemplateFailedError, fill

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from typing import Any

    from sqlalchemy.orm import Session

    from crm.word.package import Properties

FAILED = Problem("issue.template", "用单位的模板生成不出文件，请检查模板，或者先改回内置模板。")


def in_use(session: Session, kind: str) -> int | None:
    """The office's template of a kind; none while the built-in holds."""
    found = queries.active(session, kind)
    return found.id if found else None


def printed(
    session: Session, template_id: int | None, values: Callable[[], Mapping[str, Any]], properties: Properties
) -> bytes | None:
    """Fill a template; None without one. DomainError when no file can be made of it."""
    template = queries.content(session, template_id)
    if template is None:
        return None
    try:
        return fill(template, values(), properties)
    except TemplateFailedError as error:
        raise DomainError(FAILED) from error

"""Reasons in words: the same ones on the pages, in the interface for other systems and in the brief."""

from __future__ import annotations

from typing import TYPE_CHECKING

from crm.web.i18n import tr

if TYPE_CHECKING:
    from crm.resources.matching.rules import Reason


def said(reason: Reason) -> str:
    """Say a reason in the reader's language."""
    return tr(reason.text, **dict(reason.params))


def written(reason: Reason) -> str:
    """Write a reason as papers have it: in Chinese."""
    return reason.text % dict(reason.params)

"""Submit a form to a service once: what is refused stands beside its field, and nothing typed is lost."""

from __future__ import annotations

from typing import TYPE_CHECKING

from crm.core.errors import DomainError

if TYPE_CHECKING:
    from collections.abc import Callable

    from crm.web.forms import Form


def attempt(form: Form, act: Callable[[], object]) -> int | None:
    """Return None if it went through, else the status of a page that shows the form again.

    Absent, forbidden and outdated rows have pages of their own and are raised.
    """
    if not form.validate():
        return DomainError.status
    try:
        act()
    except DomainError as error:
        if error.status != DomainError.status:
            raise
        form.refuse(error.problems)
        return error.status
    return None

"""How an operation is declared: one call names its address, scope, right, what it takes and what it answers."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeVar

from apiflask import APIBlueprint

from crm.api.once import once
from crm.web.access import SIGNED_IN, requires

if TYPE_CHECKING:
    from collections.abc import Callable

    from crm.api.fields import Answer, Asked, Body
    from crm.api.scopes import Scope
    from crm.auth.rules import Permission

View = TypeVar("View", bound="Callable[..., Any]")
ROOT = "/api/v1"


@dataclass(frozen=True, slots=True)
class Door:
    """What a caller needs: a scope of the token and a permission of its person; None is any token at all."""

    scope: Scope | None
    permission: Permission | None


ANY_TOKEN = Door(None, None)


def group(name: str, tag: str) -> APIBlueprint:
    """Make a group of operations under one heading of the document."""
    return APIBlueprint(f"api_{name}", __name__, tag=tag, url_prefix=ROOT)


def operation(  # noqa: PLR0913 (each names one thing of the operation)
    bp: APIBlueprint,
    method: str,
    path: str,
    door: Door,
    answer: type[Answer],
    *,
    body: type[Body] | None = None,
    query: type[Asked] | None = None,
    status: int = 200,
    versioned: bool = False,
    reads: Callable[[int], object] | None = None,
) -> Callable[[View], View]:
    """Serve a view as an operation; ``versioned`` ones need If-Match.

    One that adds may be repeated under a key if ``reads`` says how to find what it told, or to refuse it; without it
    the answer is not kept.
    """

    def mark(view: View) -> View:
        serve: Any = bp.output(answer, status_code=status)(view)
        if body is not None:
            serve = bp.input(body, location="json", arg_name="body")(serve)
        if query is not None:
            serve = bp.input(query, location="query", arg_name="query")(serve)
        if reads is not None:
            serve = once(serve, reads)
        marks: dict[str, Any] = {
            "x-scope": door.scope and str(door.scope),
            "x-right": door.permission and str(door.permission),
        }
        marks |= {"x-versioned": versioned, "x-keyed": reads is not None}
        kept = {name: value for name, value in marks.items() if value}
        serve = bp.doc(operation_id=f"{bp.name[4:]}_{view.__name__}", security="token", extensions=kept)(serve)
        serve = requires(door.permission or SIGNED_IN)(serve)
        serve.scope = door.scope
        bp.route(path, methods=[method], endpoint=view.__name__)(serve)
        return view

    return mark

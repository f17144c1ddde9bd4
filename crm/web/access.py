"""Every route says who may use it; a route that says nothing is closed to all."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable

View = TypeVar("View", bound="Callable[..., Any]")
PUBLIC = "public"
SIGNED_IN = "signed_in"


def public(view: View) -> View:
    """Mark a route as open to anybody."""
    view.access = (PUBLIC,)  # type: ignore[attr-defined]  # read by the gatekeeper
    return view


def signed_in(view: View) -> View:
    """Mark a route as open to any signed-in person."""
    view.access = (SIGNED_IN,)  # type: ignore[attr-defined]  # read by the gatekeeper
    return view


def requires(*permissions: str) -> Callable[[View], View]:
    """Mark a route as open to people who hold any of the permissions."""

    def mark(view: View) -> View:
        view.access = permissions  # type: ignore[attr-defined]  # read by the gatekeeper
        return view

    return mark


def access_of(view: object) -> tuple[str, ...]:
    """Return what a view demands; empty when it declares nothing."""
    return tuple(getattr(view, "access", ()))

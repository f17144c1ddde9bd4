"""Blueprints of the project bank, in one list."""

from __future__ import annotations

from typing import TYPE_CHECKING

from crm.bank.edition_views import bp as editions
from crm.bank.link_views import bp as links
from crm.bank.proposal_views import bp as proposals
from crm.bank.public_views import bp as public
from crm.bank.views import bp as bank

if TYPE_CHECKING:
    from flask import Blueprint

BLUEPRINTS: tuple[Blueprint, ...] = (bank, editions, proposals, links, public)

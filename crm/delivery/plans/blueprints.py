"""Blueprints of delivery plans, in one list."""

from __future__ import annotations

from typing import TYPE_CHECKING

from crm.delivery.plans.check_views import bp as checks
from crm.delivery.plans.node_views import bp as nodes
from crm.delivery.plans.opinion_views import bp as opinions
from crm.delivery.plans.permit_views import bp as permits
from crm.delivery.plans.setting_views import bp as settings
from crm.delivery.plans.views import bp as plans

if TYPE_CHECKING:
    from flask import Blueprint

BLUEPRINTS: tuple[Blueprint, ...] = (plans, nodes, checks, opinions, permits, settings)

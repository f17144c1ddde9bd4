"""Blueprints of what follows the signing, in one list."""

from __future__ import annotations

from typing import TYPE_CHECKING

from crm.delivery.blockers.setting_views import bp as blocker_settings
from crm.delivery.blockers.views import bp as blockers
from crm.delivery.capital.views import bp as capital
from crm.delivery.exits.views import bp as exit_cases
from crm.delivery.obligations.views import bp as obligations
from crm.delivery.plans.blueprints import BLUEPRINTS as PLANS
from crm.delivery.taskforces.views import bp as task_forces

if TYPE_CHECKING:
    from flask import Blueprint

BLUEPRINTS: tuple[Blueprint, ...] = (blocker_settings, blockers, capital, exit_cases, obligations, task_forces, *PLANS)

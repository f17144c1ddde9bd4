"""Blueprints of aftercare, in one list."""

from __future__ import annotations

from typing import TYPE_CHECKING

from crm.aftercare.cases.views import bp as cases
from crm.aftercare.financing.views import bp as financing
from crm.aftercare.firmplans.views import bp as firm_plans
from crm.aftercare.rounds.views import bp as rounds
from crm.aftercare.surveys.views import bp as surveys

if TYPE_CHECKING:
    from flask import Blueprint

BLUEPRINTS: tuple[Blueprint, ...] = (cases, financing, firm_plans, rounds, surveys)

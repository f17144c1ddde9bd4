"""Blueprints of what the land has to offer, in one list."""

from __future__ import annotations

from typing import TYPE_CHECKING

from crm.land.carrier_views import bp as carriers
from crm.land.chains.book_views import bp as industry_books
from crm.land.chains.node_views import bp as industry_nodes
from crm.land.chains.place_views import bp as industry_places
from crm.land.chains.views import bp as industry
from crm.land.clock_views import bp as land_clocks
from crm.land.hold_views import bp as carrier_holds
from crm.land.idle_views import bp as idle_land
from crm.land.map_views import bp as carrier_map
from crm.land.match_views import bp as sites
from crm.land.policies.clause_views import bp as policy_clauses
from crm.land.policies.fit_views import bp as policy_fits
from crm.land.policies.handbook_views import bp as handbook
from crm.land.policies.views import bp as policies
from crm.land.sums_views import bp as land_sums

if TYPE_CHECKING:
    from flask import Blueprint

BLUEPRINTS: tuple[Blueprint, ...] = (
    carriers,
    industry_books,
    industry_nodes,
    industry_places,
    industry,
    carrier_holds,
    idle_land,
    land_clocks,
    carrier_map,
    sites,
    policy_clauses,
    policy_fits,
    handbook,
    policies,
    land_sums,
)

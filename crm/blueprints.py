"""Every blueprint of the service, in one list."""

from __future__ import annotations

from crm.admin.views import bp as admin
from crm.auth.views import bp as auth

BLUEPRINTS = (
    admin,
    auth,
)

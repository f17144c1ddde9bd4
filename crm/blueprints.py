"""Every blueprint of the service, in one list."""

from __future__ import annotations

from crm.auth.views import bp as auth

BLUEPRINTS = (auth,)

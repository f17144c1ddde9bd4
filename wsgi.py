"""WSGI entry: joins the settings, the database and the application."""

from __future__ import annotations

import config
from crm.app import create_app
from crm.core.db import Database

settings = config.load()
app = create_app(settings, Database(settings.database_url))

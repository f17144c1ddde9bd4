"""Every command under ``flask --app wsgi``, in one list."""

from __future__ import annotations

from crm.cli.database import group as database
from crm.cli.people import group as people

COMMANDS = (database, people)

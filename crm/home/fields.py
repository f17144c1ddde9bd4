"""The clock of the touch form."""

from crm.web.times import LocalTimeField, local_minutes

__all__ = ["LocalTimeField", "local_minutes"]

"""Import every model, so that ``Base.metadata`` is complete wherever this is imported."""

from __future__ import annotations

import crm.agenda.models
import crm.assessment.models
import crm.auth.models
import crm.auth.staff_models
import crm.auth.unit_models
import crm.core.audit
import crm.core.changes
import crm.core.files
import crm.core.options
import crm.core.searchindex
import crm.core.tasks
import crm.enterprises.models
import crm.fieldwork.chains.models
import crm.fieldwork.events.models
import crm.fieldwork.models
import crm.fieldwork.photos.models
import crm.fieldwork.postings.models
import crm.fieldwork.receptions.models
import crm.fieldwork.supervision.models
import crm.fieldwork.trips.models
import crm.imports.models
import crm.meetings.models
import crm.news.models
import crm.notices.models
import crm.pipeline.admission.models
import crm.pipeline.approval.models
import crm.pipeline.claims.models
import crm.pipeline.confidential.models
import crm.pipeline.deals.models
import crm.pipeline.exceptions.models
import crm.pipeline.exits.models
import crm.pipeline.instructions.models
import crm.pipeline.intake.models
import crm.pipeline.models
import crm.pipeline.repeats.models
import crm.pipeline.team.models
import crm.register.models
import crm.reports.models
import crm.scoring.models
import crm.signals.models
import crm.stream.models
from crm.core.db import Base

metadata = Base.metadata

__all__ = ["crm", "metadata"]

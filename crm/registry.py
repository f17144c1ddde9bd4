"""Import every model, so that ``Base.metadata`` is complete wherever this is imported."""

from __future__ import annotations

import crm.aftercare.cases.models
import crm.aftercare.financing.models
import crm.aftercare.firmplans.models
import crm.aftercare.rounds.models
import crm.aftercare.surveys.models
import crm.agenda.models
import crm.api.models
import crm.assessment.books.list_models
import crm.assessment.books.models
import crm.assessment.budgets.models
import crm.assessment.models
import crm.assessment.periods.models
import crm.assessment.tours.models
import crm.auth.models
import crm.auth.staff_models
import crm.auth.unit_models
import crm.bank.models
import crm.core.audit
import crm.core.changes
import crm.core.files
import crm.core.options
import crm.core.searchindex
import crm.core.tasks
import crm.delivery.blockers.models
import crm.delivery.capital.models
import crm.delivery.exits.models
import crm.delivery.letters.models
import crm.delivery.obligations.models
import crm.delivery.plans.models
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
import crm.linking.answers_models
import crm.linking.models
import crm.matching.models
import crm.meetings.models
import crm.news.health_models
import crm.news.models
import crm.news.story_models
import crm.notices.models
import crm.papers.issues.models
import crm.pipeline.admission.models
import crm.pipeline.approval.models
import crm.pipeline.claims.models
import crm.pipeline.confidential.models
import crm.pipeline.counting.models
import crm.pipeline.deals.models
import crm.pipeline.exceptions.models
import crm.pipeline.exits.models
import crm.pipeline.instructions.models
import crm.pipeline.intake.models
import crm.pipeline.landing.models
import crm.pipeline.models
import crm.pipeline.repeats.models
import crm.pipeline.team.models
import crm.register.models
import crm.reports.chasing.models
import crm.reports.models
import crm.resources.carriers.models
import crm.resources.chains.models
import crm.resources.idle.models
import crm.resources.policies.models
import crm.resources.sheets.models
import crm.scoremodel.models
import crm.scores.models
import crm.scoring.models
import crm.signals.learning_models
import crm.signals.models
import crm.signals.triage_models
import crm.stream.models
import crm.word.template.models
from crm.core.db import Base

metadata = Base.metadata

__all__ = ["crm", "metadata"]

"""Every blueprint of the service, in one list."""

from __future__ import annotations

from crm.admin.staff_views import bp as staff
from crm.admin.unit_views import bp as units
from crm.admin.views import bp as admin
from crm.aftercare.blueprints import BLUEPRINTS as AFTERCARE
from crm.agenda.views import bp as agenda
from crm.api.pages import bp as tokens
from crm.assessment.books.book_views import bp as assess_books
from crm.assessment.books.list_views import bp as assess_lists
from crm.assessment.books.rating_views import bp as assess_ratings
from crm.assessment.books.slip_views import bp as assess_slips
from crm.assessment.books.views import bp as assess
from crm.assessment.budgets.views import bp as budgets
from crm.assessment.counting.views import bp as counting_settings
from crm.assessment.figure_views import bp as assessment_figures
from crm.assessment.measure_views import bp as measures
from crm.assessment.merits.views import bp as merits
from crm.assessment.periods.views import bp as periods
from crm.assessment.rulemaking.draft_views import bp as assess_drafts
from crm.assessment.rulemaking.rule_views import bp as assess_rules
from crm.assessment.tours.judge_views import bp as tour_judge
from crm.assessment.tours.views import bp as tours
from crm.assessment.tree_views import bp as targets
from crm.assessment.views import bp as assessment
from crm.auth.views import bp as auth
from crm.bank.blueprints import BLUEPRINTS as BANK
from crm.delivery.blueprints import BLUEPRINTS as DELIVERY
from crm.field.brief_views import bp as briefs
from crm.field.event_guest_views import bp as event_guests
from crm.field.event_views import bp as events
from crm.field.finding_views import bp as findings
from crm.field.knowing_views import bp as knowing
from crm.field.leader_views import bp as leaders
from crm.field.posting_views import bp as postings
from crm.field.presence_views import bp as presence
from crm.field.reception_part_views import bp as reception_parts
from crm.field.reception_views import bp as receptions
from crm.field.result_views import bp as trip_results
from crm.field.rota_views import bp as rota
from crm.field.site_views import bp as inspections
from crm.field.trip_part_views import bp as trip_parts
from crm.field.trip_views import bp as trips
from crm.home.app_shell import bp as app_shell
from crm.home.chain_views import bp as chains
from crm.home.follow_ups import bp as follow_ups
from crm.home.ladder_views import bp as ladder
from crm.home.outbox import bp as outbox
from crm.home.stalled_views import bp as stalled
from crm.home.views import bp as home
from crm.home.visit_form import bp as visit_form
from crm.home.visit_photos import bp as visit_photos
from crm.home.visits import bp as visits
from crm.imports.grid_views import bp as import_rows
from crm.imports.views import bp as imports
from crm.inbox.bulk_views import bp as signal_bulk
from crm.inbox.digest_views import bp as digest
from crm.inbox.review_learning_views import bp as learning
from crm.inbox.review_name_views import bp as names
from crm.inbox.review_rule_views import bp as rule_table
from crm.inbox.review_views import bp as review
from crm.inbox.triage_views import bp as triage
from crm.inbox.views import bp as inbox
from crm.inbox.watch_views import bp as watches
from crm.insight.views import bp as insight
from crm.land.blueprints import BLUEPRINTS as LAND
from crm.meetings.coordination import bp as coordination
from crm.meetings.meeting_views import bp as meeting
from crm.meetings.views import bp as meetings
from crm.news.agent_views import bp as source_agent
from crm.news.export_views import bp as source_exports
from crm.news.health_views import bp as source_health
from crm.news.pack_views import bp as source_packs
from crm.news.trial_views import bp as source_trials
from crm.news.views import bp as news
from crm.notices.channel_views import bp as notice_channels
from crm.notices.views import bp as notices
from crm.papers.issues.draft_views import bp as paper_drafts
from crm.papers.issues.views import bp as paper_issues
from crm.papers.views import bp as papers
from crm.pipeline.admission.opinion_views import bp as opinions
from crm.pipeline.admission.setting_views import bp as admission_settings
from crm.pipeline.admission.views import bp as admission
from crm.pipeline.approval.content_views import bp as approval_contents
from crm.pipeline.approval.views import bp as approval
from crm.pipeline.claims.credit_views import bp as credit
from crm.pipeline.claims.dispute_views import bp as disputes
from crm.pipeline.claims.views import bp as claims
from crm.pipeline.confidential.views import bp as confidential
from crm.pipeline.counting.views import bp as counting
from crm.pipeline.deals.setting_views import bp as deal_settings
from crm.pipeline.deals.views import bp as deals
from crm.pipeline.exceptions.views import bp as exceptions
from crm.pipeline.exits.views import bp as exits
from crm.pipeline.instructions.views import bp as instructions
from crm.pipeline.intake.owner_views import bp as project_owner
from crm.pipeline.intake.project_views import bp as project_intake
from crm.pipeline.intake.referrer_views import bp as referrers
from crm.pipeline.intake.referrer_views import links as leader_links
from crm.pipeline.intake.setting_views import bp as intake_settings
from crm.pipeline.intake.tip_views import bp as lead_tips
from crm.pipeline.intake.views import bp as leads
from crm.pipeline.mending.views import bp as mending
from crm.pipeline.outlook.views import bp as outlook
from crm.pipeline.repeats.views import bp as repeats
from crm.pipeline.road_views import bp as road
from crm.pipeline.setting_views import bp as pipeline_settings
from crm.pipeline.steps.views import bp as steps
from crm.pipeline.team.views import bp as team
from crm.pipeline.views import bp as pipeline
from crm.register.blocker_export_views import bp as blocker_exports
from crm.register.bulk_views import bp as bulk
from crm.register.cell_views import bp as cells
from crm.register.contact_export_views import bp as contact_exports
from crm.register.contact_post_views import bp as contact_posts
from crm.register.contact_privacy_views import bp as contact_privacy
from crm.register.contact_views import bp as contacts
from crm.register.duplicate_views import bp as duplicates
from crm.register.edit_views import bp as enterprise_edit
from crm.register.export_views import bp as exports
from crm.register.history_views import bp as register_history
from crm.register.invite_views import bp as event_invites
from crm.register.list_views import bp as enterprise_list
from crm.register.merge_log_views import bp as merges
from crm.register.merge_views import bp as merging
from crm.register.network_views import bp as network
from crm.register.profile_views import bp as profile
from crm.register.project_export_views import bp as project_exports
from crm.register.recycle_views import bp as recycle
from crm.register.relation_views import bp as relations
from crm.register.roll_views import bp as rolls
from crm.register.view_views import bp as saved_views
from crm.register.views import bp as register
from crm.reports.annex_views import bp as annex
from crm.reports.bulletin_views import bp as bulletins
from crm.reports.chasing.views import bp as returns
from crm.reports.check_views import bp as paper_check
from crm.reports.views import bp as reports
from crm.reports.weekly import bp as weekly
from crm.scoremodel.version_views import bp as score_versions
from crm.scoremodel.views import bp as score_model
from crm.scores.score_views import bp as scores
from crm.scores.week_views import bp as week
from crm.search.views import bp as search
from crm.stream.views import bp as stream
from crm.templating.views import bp as templates

BLUEPRINTS = (
    admin,
    agenda,
    assessment,
    assess,
    assessment_figures,
    assess_books,
    assess_drafts,
    assess_rules,
    assess_lists,
    assess_ratings,
    assess_slips,
    tours,
    tour_judge,
    budgets,
    merits,
    periods,
    targets,
    measures,
    auth,
    tokens,
    contacts,
    contact_exports,
    project_exports,
    blocker_exports,
    contact_posts,
    contact_privacy,
    network,
    events,
    event_guests,
    event_invites,
    bulletins,
    coordination,
    meetings,
    meeting,
    follow_ups,
    chains,
    ladder,
    stalled,
    home,
    inbox,
    triage,
    signal_bulk,
    watches,
    digest,
    review,
    rule_table,
    learning,
    names,
    news,
    source_agent,
    source_exports,
    source_packs,
    source_trials,
    source_health,
    notices,
    notice_channels,
    visit_form,
    visit_photos,
    visits,
    briefs,
    reception_parts,
    receptions,
    trip_parts,
    trips,
    trip_results,
    leaders,
    outbox,
    app_shell,
    reports,
    insight,
    paper_check,
    papers,
    templates,
    paper_issues,
    paper_drafts,
    weekly,
    annex,
    returns,
    pipeline,
    pipeline_settings,
    admission,
    admission_settings,
    opinions,
    approval,
    approval_contents,
    instructions,
    claims,
    disputes,
    credit,
    counting,
    counting_settings,
    repeats,
    confidential,
    mending,
    outlook,
    steps,
    deal_settings,
    deals,
    exceptions,
    team,
    exits,
    leads,
    lead_tips,
    referrers,
    leader_links,
    intake_settings,
    project_intake,
    project_owner,
    road,
    imports,
    import_rows,
    enterprise_edit,
    enterprise_list,
    bulk,
    register_history,
    recycle,
    duplicates,
    merging,
    merges,
    register,
    saved_views,
    exports,
    cells,
    profile,
    relations,
    rolls,
    search,
    staff,
    postings,
    presence,
    rota,
    units,
    inspections,
    findings,
    knowing,
    stream,
    week,
    scores,
    score_model,
    score_versions,
    *AFTERCARE,
    *BANK,
    *DELIVERY,
    *LAND,
)

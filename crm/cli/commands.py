"""Every command under ``flask --app wsgi``, in one list."""

from __future__ import annotations

from crm.cli.accessmap import command as access_map
from crm.cli.analyse import command as analyse
from crm.cli.assess import group as assess
from crm.cli.backtest import group as score
from crm.cli.cluster import command as cluster
from crm.cli.contacts import group as contacts
from crm.cli.crawl import command as crawl
from crm.cli.database import group as database
from crm.cli.demo import group as demo
from crm.cli.enterprises import group as enterprises
from crm.cli.extract import command as extract
from crm.cli.people import group as people
from crm.cli.report import group as report
from crm.cli.scores import command as rescore

COMMANDS = (
    access_map,
    analyse,
    assess,
    cluster,
    contacts,
    crawl,
    database,
    demo,
    enterprises,
    extract,
    people,
    report,
    rescore,
    score,
)

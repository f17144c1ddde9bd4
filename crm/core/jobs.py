"""Names of background jobs: slices name a job, ``workers`` knows how to run it."""

from __future__ import annotations

CRAWL = "crawl"
INGEST = "ingest"
ANALYSE = "analyse"
RESCORE = "rescore"
RESCORE_ALL = "rescore_all"
DUE_SOURCES = "due_sources"
IMPORT_LIST = "import_list"
WEEKLY_DRAFT = "weekly_draft"
CRAWL_QUEUE = "crawl"
DEFAULT_QUEUE = "default"

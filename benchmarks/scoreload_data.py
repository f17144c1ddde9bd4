"""Many invented enterprises with news, visits, people and list places, and what the scores have noted of them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from sqlalchemy import text

from crm.auth.rules import Actor
from crm.scoring.bulk import DAY, SumColumns
from crm.scoring.expert import EXPERT_TABLE
from crm.scoring.live import ensured
from crm.scoring.table import Rule

if TYPE_CHECKING:
    from datetime import datetime

    from crm.core.db import Database
    from crm.scoring.bulk import Codes

CLUSTERS = 50_000
REGISTER = """
    INSERT INTO user_account (username, name, password_hash, active, must_change_password, failed_logins, locale,
      theme, created_at) VALUES ('bench', '压测', 'x', true, false, 0, 'zh', 'auto', :now);
    INSERT INTO enterprise (name, folded_name, sort_key, stem, created_at, updated_at, version)
      SELECT '云岭示例' || i || '有限公司', 'e' || i, 'e' || i, '', :now, :now, 1 FROM generate_series(1, :n) i
"""
NEWS = """
    INSERT INTO signal (enterprise_id, article_id, cluster_id, kind, quote, weight, reasons, confidence, happened_at,
      recorded_at, state)
    SELECT 1 + (i * 7919::bigint) % :n, 1, i, (ARRAY['RELO', 'CAPX', 'SUPP', 'COOP'])[1 + i % 4], '计划扩产。',
      0.3 + (i % 70) / 100.0, '[]', 1, :now - make_interval(hours => ((i * 31::bigint) % 12000)::int),
      :now - make_interval(hours => ((i * 31::bigint) % 12000)::int), 'new' FROM generate_series(1, 2 * :n) i;
    INSERT INTO touch (client_id, kind, enterprise_id, unit_id, created_by, occurred_at, recorded_at, leader_level,
      summary, intention)
    SELECT 'b' || i, (ARRAY['visit', 'inspection'])[1 + i % 2], 1 + (i * 104729::bigint) % :n, 1, 1,
      :now - make_interval(hours => ((i * 17::bigint) % 9000)::int),
      :now - make_interval(hours => ((i * 17::bigint) % 9000)::int),
      (ARRAY['staff', 'department', 'county'])[1 + i % 3], '…', 'unknown' FROM generate_series(1, :n / 2) i;
    INSERT INTO contact (enterprise_id, unit_id, name, sort_key, legal_basis, do_not_contact, created_by, created_at,
      version)
    SELECT 1 + (i * 15485863::bigint) % :n, 1, '赵总', 'z', 'duty', false, 1, :now - interval '100 days', 1
      FROM generate_series(1, :n / 2) i;
    INSERT INTO target_list (key, name, weight) VALUES ('china_500', '中国500强', 0);
    INSERT INTO list_edition (list_id, year, imported_at) VALUES (1, 2026, :now - interval '90 days');
    INSERT INTO list_entry (edition_id, enterprise_id, rank, printed_name)
      SELECT 1, i * 20, i, '…' FROM generate_series(1, :n / 20) i
"""
NOTED = """
    INSERT INTO score_fact (enterprise_id, kind, key, source_id, at, weight, level, known_at)
      SELECT enterprise_id, 'signal', kind, id, happened_at, weight, 0, recorded_at FROM signal;
    INSERT INTO score_fact (enterprise_id, kind, key, source_id, at, weight, level, known_at)
      SELECT enterprise_id, 'touch', kind, id, occurred_at, 1, CASE leader_level WHEN 'staff' THEN 1
        WHEN 'department' THEN 2 ELSE 3 END, recorded_at FROM touch;
    INSERT INTO score_fact (enterprise_id, kind, key, source_id, at, weight, level, known_at)
      SELECT enterprise_id, 'contact', '', id, created_at, 1, 0, created_at FROM contact;
    INSERT INTO score_fact (enterprise_id, kind, key, source_id, at, weight, level, known_at)
      SELECT enterprise_id, 'list', 'china_500', 1, '2026-01-01+00', 1, rank, :now FROM list_entry;
    INSERT INTO score_sum (enterprise_id, kind, total, count, landmark, half_life, newest_at, newest_id)
      SELECT enterprise_id, name, sum(weight * power(2, extract(epoch FROM at - '2026-01-01+00') / 86400 / h)),
        count(*), '2026-01-01+00', h, max(at), (array_agg(source_id ORDER BY at DESC, source_id DESC))[1]
      FROM (
        SELECT f.*, 'signal_' || key AS name, 180.0::float8 AS h FROM score_fact f WHERE kind = 'signal'
        UNION ALL SELECT f.*, 'touch', 90 FROM score_fact f WHERE kind = 'touch'
        UNION ALL SELECT f.*, 'leader_' || level, 90 FROM score_fact f WHERE kind = 'touch'
        UNION ALL SELECT f.*, 'inspection', 90 FROM score_fact f WHERE kind = 'touch' AND key = 'inspection'
      ) AS facts GROUP BY enterprise_id, name, h;
    INSERT INTO enterprise_score (enterprise_id, points, fit, intent, grade, reasons, table_version, as_of, model_id,
      codes, mode, logged_at)
      SELECT id, 50, 0, 0, 'C', '[]', 'expert-2', :now, 1, '[]', 'expert', :now FROM enterprise
"""


def nobody() -> Actor:
    """The person of the benchmark."""
    return Actor(1, "压测", ())


def register(database: Database, firms: int, now: datetime) -> None:
    """Add enterprises, and stories for signals that are still to come."""
    _run(database, REGISTER, n=firms, now=now)
    stories = "INSERT INTO article_cluster (created_at, size) SELECT :now, 1 FROM generate_series(1, :n) i"
    _run(database, stories, n=CLUSTERS, now=now)
    page = """
        INSERT INTO source (name, kind, url, options, enabled, interval_minutes, failures_in_row, created_at)
          VALUES ('压测', 'rss', 'https://news.example', '{}', true, 60, 0, :now);
        INSERT INTO article (source_id, cluster_id, url, url_hash, title, body, fetched_at, recorded_at, page_sha256,
          text_hash, encoding, problems, relation, fresh)
          VALUES (1, 1, 'https://news.example/1', 'h', '…', '…', :now, :now, 's', 't', 'utf-8', '{}', 'first', '[]')
    """
    _run(database, page, now=now)


def fill(database: Database, firms: int, now: datetime) -> None:
    """Add enterprises with all their facts, as if each had been scored already."""
    _run(database, REGISTER, n=firms, now=now)
    _run(database, NEWS, n=firms, now=now)
    with database.transaction() as session:
        ensured(session, now)
    _run(database, NOTED, now=now)
    with database.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text("VACUUM ANALYZE"))


def _run(database: Database, script: str, **values: object) -> None:
    with database.transaction() as session:
        session.execute(text("SET LOCAL session_replication_role = replica"))
        for statement in script.split(";"):
            session.execute(text(statement), {name: value for name, value in values.items() if f":{name}" in statement})


def columns(dice: np.random.Generator, leads: int, now: float) -> dict[str, SumColumns]:
    """Invent running sums of as many leads."""
    names = [f"signal_{kind}" for kind in EXPERT_TABLE.half_lives if kind.isupper()]
    names += ["touch", "inspection", "reply", "refusal", "dropped"]
    names += [f"intention_{key}" for key in ("unwilling", "watching", "interested", "strong")]
    names += [f"leader_{rank}" for rank in range(1, 5)]
    return {
        name: SumColumns(
            dice.exponential(0.5, leads), dice.integers(0, 3, leads), now - dice.exponential(200 * DAY, leads),
            dice.integers(1, 10**7, leads),
        )
        for name in names
    }  # fmt: skip


def codes(dice: np.random.Generator, leads: int) -> Codes:
    """Invent levels of what stands."""
    fading = {Rule.MASS, Rule.DAYS, Rule.NEWEST, Rule.HIGHEST}
    found = np.zeros((leads, len(EXPERT_TABLE.features)), np.int8)
    for place, feature in enumerate(EXPERT_TABLE.features):
        if feature.rule not in fading:
            found[:, place] = dice.integers(0, len(feature.levels), leads)
    return found

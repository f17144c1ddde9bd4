"""A job is checked before anything runs."""

from pathlib import Path
from typing import Any

import pytest

from scrapers.job import Job, JobError

RSS = {"source": "临江产业观察", "kind": "rss", "url": "https://news.example/rss.xml"}


def test_a_short_job_gets_polite_defaults() -> None:
    job = Job.parse(RSS)
    assert (job.delay, job.obey_robots, job.seen, job.max_items) == (1.0, True, frozenset(), 100)


def test_a_demo_site_on_loopback_may_be_asked_without_delay() -> None:
    job = Job.parse({**RSS, "url": "http://127.0.0.1:8123/rss.xml", "allow": ["127.0.0.1:8123"], "delay": 0})
    assert job.delay == 0


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"kind": "api"}, "kind 'api'"),
        ({"url": "http://127.0.0.1:8123/"}, "port 8123"),
        ({"url": "http://169.254.169.254/"}, "not a public address"),
        ({"url": ""}, "missing url"),
        ({"source": None}, "missing source"),
        ({"speed": 9}, "unknown key 'speed'"),
        ({"max_items": "many"}, "max_items"),
        ({"max_items": True}, "max_items"),
        ({"max_items": 0}, "limits"),
        ({"delay": 0}, "delay below"),
        ({"allow": ["127.0.0.1"]}, "host:port"),
        ({"allow": "127.0.0.1:80"}, "allow"),
        ({"kind": "list", "link_css": "li a", "link_xpath": "//a"}, "link_css or link_xpath"),
        ({"kind": "list", "link_css": "li a[", "link_xpath": None}, "link_css"),
        ({"kind": "list", "link_xpath": "//a["}, "link_xpath"),
    ],
)
def test_a_wrong_job_is_refused_with_the_reason(change: dict[str, Any], words: str) -> None:
    with pytest.raises(JobError) as caught:
        Job.parse({**RSS, **change})
    assert words in str(caught.value)


@pytest.mark.parametrize("text", ["", "[1]", "{", "\udcff"])
def test_a_file_that_is_no_job_is_refused(tmp_path: Path, text: str) -> None:
    path = tmp_path / "job.json"
    path.write_bytes(text.encode("utf-8", errors="surrogateescape"))
    with pytest.raises(JobError):
        Job.load(path)


def test_a_missing_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(JobError):
        Job.load(tmp_path / "none.json")

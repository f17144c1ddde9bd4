from __future__ import annotations

from scrapers import settings


def test_spiders_are_polite_by_setting_and_not_by_luck() -> None:
    assert settings.ROBOTSTXT_OBEY is True
    assert settings.CONCURRENT_REQUESTS_PER_DOMAIN == 1
    assert settings.DOWNLOAD_DELAY >= 1
    assert settings.DOWNLOAD_MAXSIZE <= 5 * 1024 * 1024


def test_a_crawl_opens_no_door_of_its_own() -> None:
    assert settings.TELNETCONSOLE_ENABLED is False
    assert settings.REMOTE_CONTROL_ENABLED is False
    assert settings.COOKIES_ENABLED is False

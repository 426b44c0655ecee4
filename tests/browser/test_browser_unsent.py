"""A session that ends while somebody writes, in a real browser without scripts: what was typed is found again."""

from __future__ import annotations

import contextlib
import hashlib
import sqlite3
from collections.abc import Callable
from typing import Any

import pytest

pytestmark = pytest.mark.browser
TYPED = "Asked by probation; two victims, one of whom was never asked"


def let_lapse(site: dict[str, Any], page: Any) -> None:
    """Make as though nothing had come from a browser for longer than a session lasts."""
    (cookie,) = [each for each in page.context.cookies() if each["name"] == "panel"]
    key = hashlib.sha256(cookie["value"].encode()).hexdigest()
    with contextlib.closing(sqlite3.connect(site["panel"])) as database, database:
        database.execute("UPDATE sessions SET seen_at = '2026-04-01T08:00:00+00:00' WHERE key = ?", (key,))


@pytest.fixture
def chair(visit: Callable[..., Any], site: dict[str, Any]) -> Any:
    """A browser of its own with scripts off, in which the chair is signed in."""
    page = visit("/sign-in", "", java_script_enabled=False)
    page.click("button[value=chair]")
    page.wait_for_url(f"{site['url']}/")
    return page


def test_a_decision_typed_for_longer_than_a_session_lasts_is_filled_in_again(
    chair: Any, visit: Callable[..., Any], site: dict[str, Any], flaws: Callable[[Any], list[str]]
) -> None:
    page, address = chair, f"/lists/{site['released']}/cases/{site['people'][4]}/decision"
    page.goto(site["url"] + address)
    page.get_by_label("Not suitable").check()
    page.get_by_label("Pattern of repeat or serial abuse").check()
    page.get_by_label("Why, in the panel’s own words").fill(TYPED)
    page.get_by_label("No", exact=True).check()
    let_lapse(site, page)
    page.get_by_role("button", name="Record the decision").click()
    assert page.url == f"{site['url']}/sign-in?next={address}&kept=yes"
    assert "What you typed is kept for you" in page.inner_text("main")
    page.click("button[value=chair]")
    page.wait_for_url(site["url"] + address)
    assert "Not recorded yet." in page.inner_text("main")
    assert page.get_by_label("Why, in the panel’s own words").input_value() == TYPED
    assert page.get_by_label("Not suitable").is_checked()
    looked_at = visit(address)  # the same chair in another browser, whose scripts look at the page
    assert "Not recorded yet." in looked_at.inner_text("main")
    assert flaws(looked_at) == []
    page.get_by_role("button", name="Record the decision").click()
    assert page.url.endswith("?done=decision")
    assert TYPED in page.inner_text("main")


def test_another_form_is_shown_and_sent_from_the_page_of_what_was_not_sent(
    chair: Any, visit: Callable[..., Any], site: dict[str, Any], flaws: Callable[[Any], list[str]]
) -> None:
    page, address = chair, f"/lists/{site['released']}/cases/{site['people'][4]}/information"
    page.goto(site["url"] + address)
    form = page.locator(f"form[action$='{site['people'][4]}/link']")
    form.locator("textarea").evaluate("box => box.closest('details') && (box.closest('details').open = true)")
    form.locator("textarea").fill(TYPED)
    let_lapse(site, page)
    form.get_by_role("button").click()
    page.click("button[value=chair]")
    page.wait_for_url(f"{site['url']}/unsent")
    assert TYPED in page.inner_text("main")
    assert flaws(visit("/unsent")) == []
    page.get_by_role("button", name="Send it now").click()
    assert page.url.endswith("?done=challenged")
    page.goto(f"{site['url']}/unsent")
    assert "Nothing is kept for you." in page.inner_text("main")

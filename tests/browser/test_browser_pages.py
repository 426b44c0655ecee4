"""Every page in a real browser: accessible, silent, self-contained, readable on a telephone."""

from __future__ import annotations

import re
from collections.abc import Callable
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from pypdf import PdfReader

from serving import Batch, demo_people
from serving.panel.meetings import call_meeting
from serving.web import WebSettings, create_app
from serving.web.pages.cases import VIEWS
from serving.web.rules import RULES

pytestmark = pytest.mark.browser

PAGES = [
    ("", "/sign-in"),
    ("reviewer-1", "/"),
    ("reviewer-1", "/stops"),
    ("reviewer-1", "/registers"),
    ("reviewer-1", "/oversight"),
    ("reviewer-1", "/oversight/{released}"),
    ("chair", "/meetings"),
    ("member", "/requests"),
    ("member", "/mine"),
    ("chair", "/referrals"),
    ("chair", "/referrals/{referral}"),
    ("chair", "/lists/{released}/cases/{person}/information"),
    ("chair", "/meetings/{meeting}"),
    ("chair", "/meetings/{meeting}/exports"),
    ("member", "/lists/{released}/exports"),
    ("chair", "/lists/{released}"),
    ("chair", "/lists/{released}?tab=to_decide&band=high&as=table&sort=v100"),
    ("chair", "/lists/{released}/changes"),
    ("chair", "/lists/{released}/cases/{person}"),
    ("chair", "/lists/{released}/cases/{person}/why"),
    ("chair", "/lists/{released}/cases/{person}/criteria"),
    ("chair", "/lists/{released}/cases/{person}/chronology"),
    ("chair", "/lists/{released}/cases/{person}/missing"),
    ("chair", "/lists/{released}/cases/{person}/history"),
    ("chair", "/lists/{released}/cases/{held}/decision"),
    ("chair", "/lists/{released}/own-views"),
    ("chair", "/lists/{released}/cases/{person}/own-view"),
    ("reviewer-1", "/audits/{awaiting}"),
    ("reviewer-1", "/audits/{insufficient}"),
    ("reviewer-1", "/audits/{released}"),
    ("reviewer-1", "/evidence"),
    ("reviewer-1", "/policy"),
    ("reviewer-1", "/papers"),
    ("scientist", "/models"),
    ("chair", "/models"),
    ("scientist", "/models/compare?a={before}&b={bundle}"),
    ("scientist", "/models/{bundle}"),
    ("scientist", "/data-quality"),
    ("admin", "/ledger"),
    ("admin", "/access"),
    ("scientist", "/links"),
    ("scientist", "/links/{pair}"),
    ("admin", "/administration"),
    ("admin", "/administration/users"),
    ("admin", "/administration/users/chair"),
    ("admin", "/administration/add-account"),
    ("admin", "/administration/panels?area=castlebridge"),
    ("admin", "/administration/retention"),
    ("admin", "/administration/jobs"),
    ("admin", "/administration/health"),
    ("chair", "/lists/{released}/cases/{person}/conflict"),
    ("member", "/unsent"),
    ("member", "/about"),
    ("member", "/about/api"),
]
# What a provider's sign-in shows; test_browser_sign_in looks at these. Where it begins, it only sends elsewhere.
SIGNING_IN = {"/sign-in/back", "/signed-out", "/sign-in/start"}
DOWNLOADS = {"/audits/{run}/report/{kind}", "/papers/{run}/{name}"}
_NO_PAGE = ("/api/", "/health/")
REFUSALS = [
    ("chair", "/lists/{awaiting}", 409),
    ("scientist", "/lists/{released}", 403),
    ("chair", "/nowhere", 404),
]
Visit = Callable[..., Any]


def address(template: str, site: dict[str, Any]) -> str:
    return template.format(**site, person=site["people"][0])


def rule_of(template: str) -> str:
    """Return the address among the rules that answers a page, the one with the fewest open parts."""
    page = template.partition("?")[0]
    fitting = [
        path for method, path in RULES if method == "GET" and re.fullmatch(re.sub(r"\{\w+\}", "[^/]+", path), page)
    ]
    return min(fitting, key=lambda path: path.count("{"))


def is_looked_at(path: str) -> bool:
    """Say whether the page at an address is looked at alone, as it is before anything is sent."""
    return rule_of(path) in {rule_of(template) for _, template in PAGES}


def test_every_page_of_the_service_is_looked_at() -> None:
    # An application with a route that has no rule does not start, so that the rules name every page.
    pages = {path for method, path in RULES if method == "GET" and not path.startswith(_NO_PAGE)}
    assert pages - {rule_of(template) for _, template in PAGES} - DOWNLOADS == SIGNING_IN
    sides = {template.rpartition("/")[2] for _, template in PAGES}
    assert {side for side in VIEWS if side != "summary"} <= sides


@pytest.mark.parametrize(("user", "template"), PAGES)
def test_a_page_is_accessible_silent_and_fits_a_telephone(
    visit: Visit, site: dict[str, Any], flaws: Callable[[Any], list[str]], user: str, template: str
) -> None:
    page = visit(address(template, site), user)
    assert flaws(page) == []
    assert page.complaints == []


def test_the_list_is_accessible_on_a_telephone(
    visit: Visit, site: dict[str, Any], flaws: Callable[[Any], list[str]]
) -> None:
    page = visit(f"/lists/{site['released']}", viewport={"width": 360, "height": 740})
    assert flaws(page) == []


@pytest.mark.parametrize(("user", "template", "status"), REFUSALS)
def test_a_refusal_is_a_proper_page(
    visit: Visit, site: dict[str, Any], flaws: Callable[[Any], list[str]], user: str, template: str, status: int
) -> None:
    page = visit(address(template, site), user)
    assert flaws(page) == []
    assert [f"status of {status}" in line for line in page.complaints] == [True]
    assert page.locator("h1").count() == 1
    assert page.get_by_role("link", name="Go to runs and lists").is_visible()


def test_a_chair_decides_by_keyboard_with_scripts_off(visit: Visit, site: dict[str, Any]) -> None:
    person = site["people"][1]
    page = visit(f"/lists/{site['released']}/cases/{person}/decision", java_script_enabled=False)
    page.get_by_label("Accept for direct work").focus()
    page.keyboard.press("Space")
    page.get_by_label("Offered", exact=True).focus()
    page.keyboard.press("Space")
    page.get_by_label("Which service offers it?").fill("IDVA service")
    page.get_by_label("Pattern of repeat or serial abuse").focus()
    page.keyboard.press("Space")
    page.get_by_label("Why, in the panel’s own words").fill("Repeat abuse of two victims")
    page.get_by_label("No", exact=True).focus()
    page.keyboard.press("Space")
    with page.expect_navigation():
        page.keyboard.press("Enter")
    assert page.url.endswith(f"/cases/{person}?done=decision")
    assert page.get_by_role("alert").inner_text().split("\n")[-1] == "The decision is recorded."
    page.goto(f"{site['url']}/lists/{site['released']}")
    assert "Accept for direct work" in page.locator(f"[id='{person}']").inner_text()
    assert "1 taken by decisions so far" in page.locator(".dp-facts").inner_text()


def test_links_are_reviewed_by_keyboard_with_scripts_off(visit: Visit, site: dict[str, Any]) -> None:
    page = visit(f"/links/{site['pair']}", "scientist", java_script_enabled=False)
    page.get_by_label("Cannot tell").focus()
    page.keyboard.press("Space")
    page.get_by_label("What decides it?").fill("Too little is recorded")
    page.get_by_role("button", name="Put on file").focus()
    with page.expect_navigation():
        page.keyboard.press("Enter")
    assert page.get_by_role("alert").inner_text().split("\n")[-1] == "Your answer is on file."
    assert "Too little is recorded" in page.locator("main").inner_text()


def test_an_empty_decision_lists_its_errors_and_links_to_the_fields(
    visit: Visit, site: dict[str, Any], flaws: Callable[[Any], list[str]]
) -> None:
    page = visit(f"/lists/{site['released']}/cases/{site['people'][2]}/decision")
    page.get_by_role("button", name="Record the decision").click()
    assert page.title().startswith("Error: ")
    summary = page.locator(".govuk-error-summary")
    assert summary.get_by_role("link").count() == 4
    for link in summary.get_by_role("link").all():
        assert page.locator(link.get_attribute("href")).count() == 1
    assert flaws(page) == []


def test_the_first_key_reaches_the_skip_link(visit: Visit, site: dict[str, Any]) -> None:
    page = visit(f"/lists/{site['released']}")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.textContent").strip() == "Skip to main content"
    page.keyboard.press("Enter")
    page.wait_for_url("**#main-content")


def test_two_reviewers_waive_through_their_pages_and_the_chair_reads_the_list(
    visit: Visit, site: dict[str, Any]
) -> None:
    run = site["insufficient"]
    for user, words in (("reviewer-1", "A second reviewer is needed"), ("reviewer-2", "released and published")):
        page = visit(f"/audits/{run}", user)
        page.get_by_label("subjects/ethnicity/mixed").check()
        page.get_by_label("Reason").first.fill("The area is small; the evidence is old but sound")
        page.get_by_role("button", name="Waive").click()
        assert words in page.get_by_role("alert").inner_text()
    page = visit(f"/lists/{run}", "chair")
    assert "waived by two reviewers" in page.locator(".dp-facts").inner_text()
    assert re.search(r"by reviewer-1 and\s+reviewer-2", page.locator(".dp-facts").inner_text())


PRINTED = [
    "/lists/{released}",
    "/lists/{released}/cases/{person}",
    "/lists/{released}/cases/{person}/history",
    "/meetings/{meeting}",
    "/audits/{released}",
]


@pytest.mark.parametrize("template", PRINTED)
def test_a_page_on_paper_is_marked_throughout_and_holds_what_it_says_and_no_buttons(
    visit: Visit, site: dict[str, Any], template: str
) -> None:
    page = visit(address(template, site), viewport={"width": 680, "height": 990})
    page.evaluate("document.querySelectorAll('.govuk-visually-hidden').forEach(each => each.remove())")
    printed = [each.extract_text() for each in PdfReader(BytesIO(page.pdf(format="A4"))).pages]
    for number, text in enumerate(printed, 1):
        assert "OFFICIAL" in text.split("\n")[0], number
        assert f"{number} of {len(printed)}" in text
    heads = re.compile(r"OFFICIAL|\d+ of \d+|\s+")  # a sentence may go on over the next page's head
    whole = heads.sub("", "".join(printed))
    page.emulate_media(media="print")
    assert page.evaluate("document.documentElement.scrollWidth") <= 680
    assert page.locator("button:visible, nav:visible, input:visible").count() == 0
    for line in page.locator("main").inner_text().split("\n"):
        assert heads.sub("", line) in whole, line


def test_a_page_is_accessible_before_there_is_anything_and_while_lists_are_stopped(
    browser: Any, serve: Any, documents: Any, flaws: Callable[[Any], list[str]], tmp_path: Path
) -> None:
    clock = documents.Clock()
    service = Batch(tmp_path / "panel.db", tmp_path / "scores.db", tmp_path / "keys", clock)
    chair, _, first, second = demo_people()[:4]
    with serve(create_app(service, WebSettings(demo=True, mark="OFFICIAL"), service.publish)) as url:
        page = browser.new_context(viewport={"width": 360, "height": 740}).new_page()

        def found(user: str, *addresses: str) -> list[str]:
            page.context.clear_cookies()
            page.goto(f"{url}/sign-in")
            page.click(f"button[value={user}]")
            page.wait_for_url(re.compile(f"{re.escape(url)}/(mine)?$"))
            return [f"{each}: {flaw}" for each in addresses if page.goto(url + each) for flaw in flaws(page)]

        reviewed = ("/evidence", "/policy", "/papers", "/models", "/oversight", "/registers", "/stops")
        assert found("member", "/mine") == []
        assert found("chair", "/", "/meetings", "/referrals") == []
        assert found("reviewer-1", *reviewed) == []
        assert found("scientist", "/links", "/data-quality") == []
        made = documents.make_run(tmp_path)
        run = made.into(service)
        service.review(run, first, "approve", "Audit read", acknowledged=made.gate["acknowledge"])
        service.publish(run)
        meeting = call_meeting(service, chair, "castlebridge", clock.now.date(), 3, run)
        service.stop(second, "castlebridge", "Records of two forces may be mixed")
        assert found("chair", "/", f"/meetings/{meeting}", f"/lists/{run}") == []
        assert "Records of two forces may be mixed" in page.inner_text("main")
        page.context.close()
    service.close()


def test_a_decision_that_somebody_overtook_is_shown_again_filled_in(
    visit: Visit, site: dict[str, Any], flaws: Callable[[Any], list[str]]
) -> None:
    address = f"/lists/{site['released']}/cases/{site['people'][3]}/decision"
    pages = [visit(address), visit(address)]
    for number, page in enumerate(pages):
        page.get_by_label("Not suitable").check()
        page.get_by_label("Pattern of repeat or serial abuse").check()
        page.get_by_label("Why, in the panel’s own words").fill(f"Agreed, {number}")
        page.get_by_label("No", exact=True).check()
        page.get_by_role("button", name="Record the decision").click()
    assert "Somebody decided before you sent this." in pages[1].inner_text("main")
    assert pages[1].get_by_label("Why, in the panel’s own words").input_value() == "Agreed, 1"
    assert flaws(pages[1]) == []

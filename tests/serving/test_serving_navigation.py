"""The bar at the top: few groups, every page in one of them, and none that the reader would be refused."""

from __future__ import annotations

import re

import pytest

from serving.people import PEOPLE, Person, Role
from serving.web.navigation import groups_for
from serving.web.rules import RULES

EVERYBODY = [Person("-", "-", role) for role in PEOPLE]
# No page of the bar leads there: signing in, what was typed in a session that ended, probes and programs.
ELSEWHERE = re.compile(r"/sign|/unsent|/health/|/api/")


def pages_of(person: Person) -> list[str]:
    found = [path for (method, path), rule in RULES.items() if method == "GET" and rule.allows(person)]
    return [re.sub(r"\{\w+\}", "x", path) for path in found if not ELSEWHERE.match(path)]


@pytest.mark.parametrize("person", EVERYBODY, ids=lambda person: person.role.value)
def test_the_bar_has_a_few_groups_of_pages_that_the_role_may_open(person: Person) -> None:
    groups = groups_for(person, "/")
    places = [place for group in groups for place in group.places]
    assert len(groups) <= 6
    assert len({place.href for place in places}) == len(places)
    assert [place.href for place in places if not RULES["GET", place.href].allows(person)] == []
    assert len({group.text for group in groups}) == len(groups)


@pytest.mark.parametrize("person", EVERYBODY, ids=lambda person: person.role.value)
def test_every_page_that_a_role_may_open_lies_in_one_group(person: Person) -> None:
    is_member = person.role is Role.PANEL_MEMBER
    for path in pages_of(person):
        open_in = [group.text for group in groups_for(person, path) if group.open]
        # A member's own requests are on "Your work", which a chair has no use for.
        alone = {"/requests"} if is_member else {"/mine"}
        assert len(open_in) == (0 if path in alone else 1), (path, open_in)


def test_a_page_below_another_opens_the_group_of_that_one() -> None:
    reviewer, member = (Person("-", "-", role) for role in (Role.REVIEWER, Role.PANEL_MEMBER))
    (governance,) = [group for group in groups_for(reviewer, "/oversight/a-run") if group.open]
    assert (governance.text, governance.href) == ("Governance", "/oversight")
    assert governance.open is not None
    assert governance.open.text == "Oversight"
    assert next(group.text for group in groups_for(member, "/mine")) == "Your work"
    assert [group.text for group in groups_for(member, "/mine") if group.open] == ["Your work"]

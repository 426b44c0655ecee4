"""What every template gets without saying so: roles of tables, and fields that hold what was typed."""

from __future__ import annotations

import re
from html import unescape
from html.parser import HTMLParser

from serving.web.completing import TURNS
from serving.web.render import make_templates

TYPED = 'to \u202enruter\u2066 "as" <it> is'


class Read(HTMLParser):
    """The tags of a page in order, each with its role."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.roles: list[tuple[str, str | None]] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.roles.append((tag, dict(attrs).get("role")))


def test_each_part_of_a_table_says_what_it_is_however_it_is_displayed() -> None:
    parts = make_templates().get_template("tables.html").make_module({"me": None, "settings": None})
    text = str(parts.table("Rows", ["What", "How many"], [["Incidents", 3]]))  # type: ignore[attr-defined]
    assert Read(text).roles == [
        ("div", "region"),
        ("table", "table"),
        ("caption", None),
        ("thead", "rowgroup"),
        ("tr", "row"),
        ("th", "columnheader"),
        ("th", "columnheader"),
        ("tbody", "rowgroup"),
        ("tr", "row"),
        ("th", "rowheader"),
        ("td", "cell"),
    ]


def test_no_table_of_a_template_has_a_part_without_its_role() -> None:
    templates = make_templates()
    for name in templates.list_templates(filter_func=lambda each: not each.startswith("govuk_frontend_jinja")):
        source, _, _ = templates.loader.get_source(templates, name)  # type: ignore[union-attr]
        completed = str(templates.preprocess(source, name))
        assert re.findall(r"<(?:table|thead|tbody|tr|th|td)(?=[\s>])(?! role=)[^>]*>", completed) == [], name


def test_a_field_holds_what_was_typed_and_the_page_around_it_does_not_turn() -> None:
    for source in ('<input value="{{ said }}">{{ said }}', "<textarea rows='3'>{{ said }}</textarea>{{ said }}"):
        text = make_templates().from_string(source).render(said=TYPED)
        field, outside = re.split('">|</textarea>', text)
        assert unescape(re.split('value="|<textarea[^>]*>', field)[1]) == TYPED
        assert not TURNS.search(text)
        assert unescape(outside) == TURNS.sub("\ufffd", TYPED)

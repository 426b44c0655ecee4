"""Orders, their breaches, and custody."""

from __future__ import annotations

from benchmarks.oracle.person import NAN, Person, share

POLICE = ("dvpn", "dvpo", "dapn", "dapo")
COURT = ("non_molestation", "occupation", "restraining", "sexual_harm_prevention", "stalking_protection")


def answers(person: Person) -> dict[str, float]:
    """Answer the questions of this group."""
    world = person.world
    orders = [row for row in world.orders if row["person_id"] == person.name]
    breaches = [row for row in world.breaches if row["person_id"] == person.name]
    spells = [row for row in world.custody if row["person_id"] == person.name]
    started, held = person.recent(730, orders, "starts_on"), person.recent(730, spells, "starts_on")
    breached: dict[str, float] = {
        "order_breaches_730": len(person.recent(730, breaches, "breached_at")),
        "order_breaches_ever": len(breaches),
        "days_since_last_order_breach": person.ago(row["breached_at"] for row in breaches),
        "order_breach_share_ever": share(len(breaches), len(orders)),
    }
    counted: dict[str, float] = {
        **{name: value if world.breaches else NAN for name, value in breached.items()},
        "orders_730": len(started),
        "orders_ever": len(orders),
        "police_orders_730": len([row for row in started if row["kind"] in POLICE]),
        "court_orders_730": len([row for row in started if row["kind"] in COURT]),
        "bail_conditions_730": len([row for row in started if row["kind"] == "bail_conditions"]),
        "days_since_last_order": person.ago(row["starts_on"] for row in orders),
    }
    prison = [row for row in spells if row["kind"] in ("sentence", "recall")]
    custody: dict[str, float] = {
        "custody_730": len(held),
        "custody_ever": len(spells),
        "remands_730": person.if_recorded(len([row for row in held if row["kind"] == "remand"]), "custody.kind"),
        "sentences_ever": person.if_recorded(len(prison), "custody.kind"),
        "days_since_last_custody": person.ago(row["starts_on"] for row in spells),
    }
    return {
        **{name: person.if_delivered(value, "orders") for name, value in counted.items()},
        **{name: person.if_delivered(value, "custody") for name, value in custody.items()},
    }

"""Protective orders and bail, their breaches, and spells in custody."""

from __future__ import annotations

from features.entries.vocabulary import EVER, OPEN, TWO_YEARS, over, since
from features.indicator import Indicator
from features.kinds import Kind
from features.measures import Count, Ratio
from features.selection import Selection
from values import Window

_GOES_ON = "Orders do not stop the abuse."
_ACTED = "An order protects and also says that something had happened; no agreed direction."
_HELD = "Custody keeps people apart and also says that something had happened; no agreed direction."
_NO_ORDERS = "No orders were delivered."
_NO_BREACH = "No orders were delivered, or no breach is recorded for anybody."
_NO_CUSTODY = "No custody records were delivered."
_NO_KIND = f"{_NO_CUSTODY[:-1]}, or its kind is not recorded at all."
_POLICE = ("dapn", "dapo", "dvpn", "dvpo")
_COURT = ("non_molestation", "occupation", "restraining", "sexual_harm_prevention", "stalking_protection")
_ORDER, _BREACH, _CUSTODY = Selection(Kind.ORDER), Selection(Kind.BREACH), Selection(Kind.CUSTODY)


def _orders(name: str, what: str, windows: tuple[Window, ...], *kinds: str) -> tuple[Indicator, ...]:
    return over(
        windows,
        name,
        f"How many {what} started {{when}}?",
        "orders",
        "orders",
        lambda window: Count(Selection(Kind.ORDER, families=kinds), window),
        "none",
        _ACTED,
        "Orders table: first day of the order",
        _NO_ORDERS,
    )


def _spells(name: str, what: str, windows: tuple[Window, ...], *kinds: str) -> tuple[Indicator, ...]:
    return over(
        windows,
        name,
        f"How many {what} started {{when}}?",
        "spells",
        "orders",
        lambda window: Count(Selection(Kind.CUSTODY, families=kinds), window),
        "none",
        _HELD,
        "Custody table: first day of the spell",
        _NO_KIND if kinds else _NO_CUSTODY,
    )


INDICATORS = (
    *over(
        (TWO_YEARS, EVER),
        "order_breaches",
        "How many orders or bail conditions were recorded as breached {when}?",
        "orders",
        "orders",
        lambda window: Count(_BREACH, window),
        "+",
        _GOES_ON,
        "Orders table: day of the breach",
        _NO_BREACH,
    ),
    since(
        "order_breach",
        "recorded breach of an order or bail condition",
        _BREACH,
        "Orders table: day of the breach",
        "orders",
        why=_GOES_ON,
        absence=f"No breach is known. {_NO_BREACH}",
    ),
    Indicator(
        "order_breach_share_ever",
        "What share of all orders and bail conditions that are known was recorded as breached?",
        "share",
        "orders",
        Ratio(Count(_BREACH, EVER), (Count(_ORDER, EVER),)),
        "none",
        "Breaches are recorded unevenly; no direction is imposed on their share.",
        "Orders table",
        f"No order is known. {_NO_BREACH}",
    ),
    *_orders("orders", "orders or bail conditions", (TWO_YEARS, EVER)),
    *_orders(
        "police_orders",
        "domestic violence or abuse protection notices and orders (dvpn, dvpo, dapn, dapo)",
        (TWO_YEARS,),
        *_POLICE,
    ),
    *_orders(
        "court_orders",
        "non-molestation, occupation, restraining, stalking protection and sexual harm prevention orders",
        (TWO_YEARS,),
        *_COURT,
    ),
    *_orders("bail_conditions", "bail conditions", (TWO_YEARS,), "bail_conditions"),
    since(
        "order",
        "order or bail condition to start",
        _ORDER,
        "Orders table",
        "orders",
        "none",
        _ACTED,
        absence=f"No order is known. {_NO_ORDERS}",
    ),
    *_spells("custody", "spells in custody", (TWO_YEARS, EVER)),
    *_spells("remands", "spells on remand", (TWO_YEARS,), "remand"),
    *_spells("sentences", "spells in prison by sentence or recall", (EVER,), "sentence", "recall"),
    since(
        "custody",
        "spell in custody to start",
        _CUSTODY,
        "Custody table",
        "orders",
        "none",
        OPEN,
        absence=f"No spell is known. {_NO_CUSTODY}",
    ),
)

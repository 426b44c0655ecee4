"""Disclosure control: what of an audit may leave, so that nobody works out what is about a few people.

A count from 1 to nine is small (the number is the policy's). `decide` withholds every part of a group's figures that
tells a small count, and further groups until none can be worked out from totals, other groups, intersections, or
what left before, which a `Register` keeps. `fairness.recovery` attacks the result and shares nothing with it.
"""

from fairness.disclosure.counted import areas_counted, counted
from fairness.disclosure.long import exact_table, suppressed_table
from fairness.disclosure.parts import Part
from fairness.disclosure.pattern import SMALLEST, decide
from fairness.disclosure.register import Register
from fairness.disclosure.released import Pattern, Released
from fairness.disclosure.withheld import EXACT, SUPPRESSED, withheld, withheld_shares, withheld_totals

__all__ = [
    "EXACT",
    "SMALLEST",
    "SUPPRESSED",
    "Part",
    "Pattern",
    "Register",
    "Released",
    "areas_counted",
    "counted",
    "decide",
    "exact_table",
    "suppressed_table",
    "withheld",
    "withheld_shares",
    "withheld_totals",
]

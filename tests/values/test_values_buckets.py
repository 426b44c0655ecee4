"""People fall into the same buckets everywhere, and evenly."""

from __future__ import annotations

from collections import Counter

from values import BUCKETS, bucket


def test_a_bucket_depends_on_the_identifier_alone_and_never_changes():
    assert [bucket(each) for each in ("PER-1001", "PER-1002", "", "Zoë")] == [165, 287, 0, 554]
    assert BUCKETS == 1024


def test_numbered_people_spread_evenly_over_the_buckets():
    held = Counter(bucket(f"PER-{number:07d}") for number in range(102_400))
    assert len(held) == BUCKETS
    assert 50 < min(held.values()) <= max(held.values()) < 150

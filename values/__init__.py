"""Value objects that every room shares; the standard library only.

`AsOf` and `Window` say when, `Capacity` says how many, `Hash` says exactly which. `digest` is the one hash
function of the project and `canonical_json` the one text it is taken over.
"""

from values.as_of import AsOf, Window, day_number, number_day
from values.buckets import BUCKETS, bucket
from values.capacity import Capacity
from values.errors import DrivePanelError
from values.hashing import Hash, canonical_json, digest, digest_bytes, digest_file
from values.progress import Phases, Progress, silent
from values.pseudonyms import new_key, pseudonym

__all__ = [
    "BUCKETS",
    "AsOf",
    "Capacity",
    "DrivePanelError",
    "Hash",
    "Phases",
    "Progress",
    "Window",
    "bucket",
    "canonical_json",
    "day_number",
    "digest",
    "digest_bytes",
    "digest_file",
    "new_key",
    "number_day",
    "pseudonym",
    "silent",
]

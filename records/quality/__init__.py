"""What a snapshot can and cannot carry: a data-quality report of what was delivered, as a document and as a page.

`assess` counts everything and returns plain values; `page` shows them. Protected characteristics come in as an
argument: this package never opens the communities store.
"""

from records.quality.loads import delivery_cards
from records.quality.page import page
from records.quality.report import assess
from records.quality.settings import QualitySettings
from records.quality.undated import Reads

__all__ = ["QualitySettings", "Reads", "assess", "delivery_cards", "page"]

"""Two databases: the panel's, which the web process opens, and the scores', which only batch work opens."""

from serving.storage.database import Database
from serving.storage.tables import PANEL, SCORES

__all__ = ["PANEL", "SCORES", "Database"]

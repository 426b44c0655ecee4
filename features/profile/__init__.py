"""How indicators are spread, missing, moving and alike: a profile as a document and as a page.

`profile` counts and compares and returns plain values in which no count of few people stands; `page` shows them.
"""

from features.profile.page import page
from features.profile.report import profile
from features.profile.settings import ProfileSettings
from features.profile.source import Facts, IndicatorColumns, RuleChange, facts_of

__all__ = ["Facts", "IndicatorColumns", "ProfileSettings", "RuleChange", "facts_of", "page", "profile"]

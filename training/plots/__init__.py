"""What moves a ranker's margin, in pictures and tables that show groups of people and never one person."""

from training.plots.explanations import write_explanations
from training.plots.summary import contribution_bins

__all__ = ["contribution_bins", "write_explanations"]

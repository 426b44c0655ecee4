"""The model card and evaluation report of a training run, as a document of plain values, as a page and as a PDF."""

from training.report.document import evaluation
from training.report.page import page

__all__ = ["evaluation", "page"]

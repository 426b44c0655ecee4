"""Engines: where the kernel runs over the parts of a stream, on this machine or on a Spark cluster."""

from features.engines.asked import Asked
from features.engines.local import compute_locally

__all__ = ["Asked", "compute_locally"]

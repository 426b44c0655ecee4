"""Where a disparity may come from: questions beside the verdict, none of which decides anything.

Each function reads plain tables and returns plain JSON values with sentences; a figure stands on thirty people and ten
outcomes or more on either side, or is not given.
"""

from fairness.diagnosis.bounds import missed_harm_bounds
from fairness.diagnosis.drivers import error_drivers
from fairness.diagnosis.missingness import model_missing
from fairness.diagnosis.readings import Reading, missed_harm_cells, read_again

__all__ = [
    "Reading",
    "error_drivers",
    "missed_harm_bounds",
    "missed_harm_cells",
    "model_missing",
    "read_again",
]

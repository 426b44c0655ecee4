"""The root of every error that a user can cause.

    DrivePanelError
    ├── records.errors.RecordsError      an extract, mapping or store is wrong
    ├── features.errors.FeaturesError    an indicator or date is wrong
    ├── synthetic.errors.SyntheticError  a made-up force cannot be made as asked
    ├── models.errors.ModelsError        a bundle or ranker is wrong
    ├── training.errors.TrainingError    there is not enough to train or compare on
    ├── fairness.errors.FairnessError    a table or policy cannot be audited
    └── serving.errors.ServingError      a list, release or act is refused

Programming errors are not caught and do not derive from it.
"""

from __future__ import annotations


class DrivePanelError(Exception):
    """What was wrong, where, and what to do about it.

    Parameters
    ----------
    message
        What is wrong and where (file, line, column), without personal data.
    remedy
        What the user can do, as an imperative sentence.
    """

    def __init__(self, message: str, remedy: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.remedy = remedy
        self.details: dict[str, object] = {}
        """Plain values that a script may want beside the message; never personal data."""

    def __str__(self) -> str:
        return f"{self.message} {self.remedy}".strip()

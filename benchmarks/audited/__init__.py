"""Generated tables, and second answers by libraries and by simulation, that the fairness audit is held against."""

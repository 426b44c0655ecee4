"""All planted errors."""

from __future__ import annotations

from benchmarks.mutants import built, declared, folded
from benchmarks.mutants.mutant import Mutant

MUTANTS: tuple[Mutant, ...] = (*declared.MUTANTS, *built.MUTANTS, *folded.MUTANTS)

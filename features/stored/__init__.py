"""Event streams in parts: cut in memory, written to a folder, read back one part at a time."""

from features.stored.parting import Parting, Parts
from features.stored.scratch import clear_scratch, scratch_folder
from features.stored.stream import StoredStream
from features.stored.writing import write_stream

__all__ = ["Parting", "Parts", "StoredStream", "clear_scratch", "scratch_folder", "write_stream"]

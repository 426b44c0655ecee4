"""``python -m drive_panel`` is the same as ``drive-panel``."""

from drive_panel import main

main()

"""drive_panel."""

"""The front door: command line, settings, and the workflows in which the rooms are joined."""

from drive_panel.import_path import protect

protect()

__version__ = "0.1.0"


def main() -> None:
    """Run the command line."""
    from drive_panel.cli import app

    app()

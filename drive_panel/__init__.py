"""The front door: command line, settings, and the workflows in which the rooms are joined."""

from drive_panel.import_path import protect

protect()

__version__ = "0.1.0"


def main() -> None:
    """Run the command line; with ``--json`` a wrong usage is said as one object too."""
    import sys

    from drive_panel.cli import app
    from drive_panel.output import usage_as_json

    with usage_as_json("--json" in sys.argv):
        app()

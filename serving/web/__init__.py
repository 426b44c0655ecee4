"""Pages and JSON API over stored, released documents."""

from serving.web.app import create_app
from serving.web.settings import WebSettings

__all__ = ["WebSettings", "create_app"]

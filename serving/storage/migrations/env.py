"""Runs migrations over the connection that `serving.storage.migrating` hands over."""

from alembic import context

from serving.storage.migrating import options_of

connection = context.config.attributes["connection"]
context.configure(**options_of(connection, context.config.attributes["tables"]))
context.run_migrations()

"""How the service answers a hundred people at once: a made-up area on PostgreSQL, its web process, and who clicks."""

"""The JSON API under ``/api/v1``: the same documents, rules and session as the pages."""

from serving.web.api import acting, governance, information, meetings, own_views, reading, referrals

# One by one: a router within a router would lose its prefix in the templates that logs and metrics name.
ROUTERS = (
    reading.router,
    acting.router,
    *(
        router
        for part in (meetings, information, own_views, referrals, governance)
        for router in (part.reading, part.acting)
    ),
)

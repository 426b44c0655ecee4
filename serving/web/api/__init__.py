"""The JSON API under ``/api/v1``: the same documents, rules and session as the pages."""

from serving.web.api import (
    access,
    acting,
    administration,
    files,
    governance,
    information,
    links,
    meetings,
    own_views,
    own_work,
    reading,
    referrals,
    training,
)

# One by one: a router within a router would lose its prefix in the templates that logs and metrics name. Comparing
# models comes before one model, whose name would take its address.
ROUTERS = (
    reading.router,
    training.reading,
    own_work.reading,
    acting.router,
    *(
        router
        for part in (meetings, information, own_views, referrals, governance, files, links, access, administration)
        for router in (part.reading, part.acting)
    ),
)

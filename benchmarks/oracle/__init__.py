"""A slow and obvious second reading of every indicator, and the histories on which the two are compared.

Written from what `docs/indicators.md` and decision 7 say, over plain rows with plain loops. It imports nothing of
the room whose numbers it checks: neither the stream nor a measure, a selection or the compiled fold.
"""

"""Worlds in which everybody's risk is known exactly, to see whether a ranker finds what there is to find.

A world tells how a person's year looks and how many serious crimes are to be expected in the year that follows,
as a function of nothing but what is recorded by then. So the best list that anybody could draw up from the
records is known, and a list is judged by the harm to be expected of the people on it, not by what luck made of it.
"""

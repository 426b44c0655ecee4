"""Extracts as bad as real ones get, made by seed, each knowing what must become of every row in it.

`blocks.block` gives a hundred hostile files, `judge.judged` ingests them and lists whatever came out wrong. What a
value must become is written down here by hand or computed by other means than the reader's, so that a value that
is quietly changed on its way in is found.
"""

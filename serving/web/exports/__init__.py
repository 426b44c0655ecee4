"""What leaves the pages as a file: lists, decisions and actions as workbooks and CSV, packs and minutes on paper.

Every file is made of what its reader may see now (`serving.access.viewing`, `serving.access.agency`), is marked on
every page and sheet, holds no recorded address, and is an act in the ledger. Nothing of it is kept here.
"""

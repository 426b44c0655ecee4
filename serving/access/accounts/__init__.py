"""The people who may sign in: their role, their areas, whether they are blocked.

An account belongs to one subject of one sign-in provider, never to a name or an address of e-mail: those are given
to somebody else one day. A change of role or areas, and a block, end every session of the account in the same
transaction. Each row carries a proof made with a key outside the database: an account that SQL put in or changed lets
nobody in until an administrator has vouched for it (`users block --undo`).
"""

from serving.access.accounts.account import Account, Arrival
from serving.access.accounts.kept import Accounts

__all__ = ["Account", "Accounts", "Arrival"]

"""Measured claims: tables that a command makes anew, committed with what they were made from."""

"""Writes to the ledger: one function an act, keyword-only, one transaction, its events in it.

Every door (admin, API, tasks, imports, the agent's tools) calls these and decides nothing itself. Bad input raises
ValidationError keyed by field before anything is written.
"""

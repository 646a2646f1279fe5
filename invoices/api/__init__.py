"""The API of the ledger, a module a subject. Views parse, call one service, and answer; `door` has what they share."""

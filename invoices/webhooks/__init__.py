"""Tells systems outside what happened here, as the Standard Webhooks specification says.

`types` says what is told, `outbox` writes it down with the event, `delivery` sends it, `endpoints` is what staff do.
"""

"""The scripted announcement: a call held by keys and a few words, with no agent and no model."""

"""The customer who owes and the scripted model, as the agent's own tests have them."""

from tests.agent_worker.conftest import _business, brain, world

__all__ = ["_business", "brain", "world"]

from django.apps import AppConfig


class AgentWorkerConfig(AppConfig):
    name = "agent_worker"

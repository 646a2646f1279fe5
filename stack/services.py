"""The processes of PhantomPay: their commands, and how to see that each is ready."""

import os
from collections.abc import Mapping
from pathlib import Path

from stack import livekit, redis
from stack.probes import http_ok, redis_answers
from stack.processes import Spec
from stack.settings import Plan, is_setting

# What depends on others goes first. A worker that lost its queue would only fill its log.
STOP_ORDER = (("agent",), ("worker", "beat"), ("web",), ("carrier", "models"), ("livekit",), ("redis",))


def environment(plan: Plan) -> dict[str, str]:
    """The machine's environment with the plan's settings. A setting exported here but not chosen is taken out, so a
    test's stack never meets a real account."""
    machine = {name: value for name, value in os.environ.items() if not is_setting(name)}
    return {**machine, **plan.env, "PYTHONUNBUFFERED": "1"}


def beneath(plan: Plan, livekit_server: Path | None, *, pretended: bool = True) -> list[Spec]:
    """What the product stands on: Redis, LiveKit and, in a rehearsal, the pretended world (unless told without)."""
    specs = []
    if plan.redis_port:
        specs.append(redis_spec(plan.root, plan.run_dir, plan.redis_port))
    if plan.livekit_ports and livekit_server:
        specs.append(livekit_spec(plan.run_dir, livekit_server, plan.livekit_ports, plan.env))
    if plan.models_port and pretended:
        specs.append(_models(plan, plan.models_port))
    if plan.carrier_port and pretended:
        specs.append(_carrier(plan, plan.carrier_port))
    return specs


def product(plan: Plan) -> list[Spec]:
    def spec(name: str, *arguments: str) -> Spec:
        return Spec(name, (str(python(plan)), *arguments), environment(plan), plan.root)

    web = spec(
        "web",
        "-m",
        "daphne",
        "-v",
        "0",
        "-b",
        "127.0.0.1",
        "-p",
        str(plan.port),
        "phantompay.asgi:application",
    )
    agent = spec("agent", *plan.agent)
    beat_file = str(plan.run_dir / "celerybeat")
    return [
        Spec(**{**vars(web), "ready": lambda: http_ok(f"{plan.base_url}/healthz")}),
        Spec(**{**vars(agent), "ready": lambda: http_ok(plan.env["AGENT_HEALTH_URL"]), "seconds": 90.0}),
        spec("worker", "-m", "celery", "-A", "phantompay", "worker", "--concurrency=4", "-l", "INFO"),
        spec("beat", "-m", "celery", "-A", "phantompay", "beat", "-s", beat_file, "-l", "INFO"),
    ]


def redis_spec(root: Path, run_dir: Path, port: int) -> Spec:
    argv = redis.command(root, port, run_dir)
    return Spec("redis", argv, os.environ, run_dir, ready=lambda: redis_answers(port), seconds=20)


def livekit_spec(run_dir: Path, server: Path, ports: tuple[int, int], env: Mapping[str, str]) -> Spec:
    config = run_dir / "livekit.yaml"
    livekit.write_config(config, ports=ports, env=env)
    bare = {
        name: value for name, value in os.environ.items() if not is_setting(name)
    }  # it reads LIVEKIT_* itself
    ready = f"http://127.0.0.1:{ports[0]}/"
    return Spec("livekit", (str(server), "--config", str(config)), bare, run_dir, lambda: http_ok(ready), 30)


def python(plan: Plan) -> Path:
    return plan.root / ".venv" / "bin" / "python"


def _models(plan: Plan, port: int) -> Spec:
    argv = (str(python(plan)), "-m", "rehearsal.models", "--host", "127.0.0.1", "--port", str(port))
    ready = f"http://127.0.0.1:{port}/healthz"
    return Spec("models", argv, environment(plan), plan.root, lambda: http_ok(ready))


def _carrier(plan: Plan, port: int) -> Spec:
    argv = [str(python(plan)), "-m", "rehearsal.carrier", "--host", "127.0.0.1", "--port", str(port)]
    argv += ["--account-sid", plan.env["TWILIO_ACCOUNT_SID"], "--people", "demo/people.json"]
    argv += ["--models-url", f"http://127.0.0.1:{plan.models_port}/v1"]
    ready = f"http://127.0.0.1:{port}/healthz"
    return Spec("carrier", tuple(argv), environment(plan), plan.root, lambda: http_ok(ready))

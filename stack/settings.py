"""Which settings a start runs with: exported ones win over `.env`, `.env` wins over what is made up here."""

import json
import os
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from stack.errors import CannotStart
from stack.ports import Ports
from stack.records import write_private

DEFAULT_PORT = 8000
OUR_PREFIXES = ("TWILIO_", "OPENAI_", "LIVEKIT_", "AGENT_", "DJANGO_")
OUR_NAMES = frozenset(
    {
        "ALLOWED_HOSTS",
        "API_BODY_MAX_BYTES",
        "API_REQUESTS_PER_MINUTE",
        "API_TOKEN_HOURS",
        "BEHIND_TLS_PROXY",
        "BREAKER_CALLS",
        "BREAKER_SECONDS",
        "BUSINESS_LEGAL_NAME",
        "CALLBACK_WITHIN_SECONDS",
        "CALLS_AT_ONCE",
        "CALLS_PER_SECOND",
        "CALL_LIMIT_SECONDS",
        "CARRIER_CONTROL_URL",
        "CONNECTING_MESSAGE",
        "DATABASE_URL",
        "DEBUG",
        "DEMO_PASSWORD",
        "EMAIL_FROM",
        "EMAIL_TIMEOUT",
        "EMAIL_URL",
        "LOGIN_FAILURES_PER_ADDRESS",
        "LOGIN_FAILURES_PER_NAME",
        "LOG_FORMAT",
        "LOG_LEVEL",
        "MEDIA_ROOT",
        "METRICS_TOKEN",
        "MISSED_AT_MOST_SECONDS",
        "PAYMENT_INSTRUCTIONS",
        "PLACED_WITHIN_SECONDS",
        "PLACE_WAITING_SECONDS",
        "PORT",
        "PROXY_COUNT",
        "PUBLIC_BASE_URL",
        "QUEUED_WITHIN_SECONDS",
        "REDIS_URL",
        "REQUESTED_AT_MOST_SECONDS",
        "RETRIES_SECONDS",
        "RING_TIMEOUT_SECONDS",
        "ROOM_AT_MOST_SECONDS",
        "STREAM_END_WITHIN_SECONDS",
        "STREAM_WITHIN_SECONDS",
        "SWEEP_SECONDS",
        "TEST_PHONE_NUMBER",
        "UNKNOWN_AT_MOST_SECONDS",
    }
)


@dataclass(frozen=True)
class Plan:
    """What to start. `env` is what every process gets beside the machine's own environment; a port that is None
    belongs to something that is not ours to start."""

    root: Path
    run_dir: Path
    env: Mapping[str, str]
    port: int
    agent_port: int
    redis_port: int | None
    livekit_ports: tuple[int, int] | None
    carrier_port: int | None
    models_port: int | None
    # Arguments of Python that run in the agent's place.
    agent: tuple[str, ...] = ("manage.py", "run_agent")

    @property
    def base_url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def rehearses(self) -> bool:
        return self.carrier_port is not None


def read_env_file(path: Path) -> dict[str, str]:
    """`NAME=value` lines as django-environ reads them: quotes are taken off, `export ` and # lines are passed over."""
    found: dict[str, str] = {}
    if not path.is_file():
        return found
    for line in path.read_text().splitlines():
        name, separator, value = line.strip().removeprefix("export ").partition("=")
        if separator and not name.startswith("#"):
            value = value.strip()
            quoted = len(value) >= 2 and value[0] == value[-1] and value[0] in "'\""
            found[name.strip()] = value[1:-1] if quoted else value
    return found


def is_setting(name: str) -> bool:
    return name.startswith(OUR_PREFIXES) or name in OUR_NAMES


def given(root: Path, exported: Mapping[str, str] = os.environ) -> dict[str, str]:
    """What the person chose. An empty value is as good as none, as `.env.example` copied unchanged has them."""
    layers = {**read_env_file(root / ".env"), **exported}
    return {name: value for name, value in layers.items() if is_setting(name) and value}


def plan(
    chosen: Mapping[str, str], *, root: Path, run_dir: Path, ports: Ports, default_port: int = DEFAULT_PORT
) -> Plan:
    """Fill what `chosen` leaves open. Raises CannotStart when it is only half there."""
    refuse_halves(chosen)
    made_up = _made_up(run_dir)
    port = _number(chosen, "PORT") or default_port
    carrier = ports.take() if not chosen.get("TWILIO_ACCOUNT_SID") else None
    models = (
        ports.take()
        if carrier or not (chosen.get("OPENAI_API_KEY") or chosen.get("OPENAI_BASE_URL"))
        else None
    )
    redis = ports.take() if not chosen.get("REDIS_URL") else None
    livekit = (ports.take(), ports.take()) if not chosen.get("LIVEKIT_URL") else None
    agent = _number(chosen, "AGENT_HTTP_PORT") or ports.take()
    defaults = {
        "PORT": str(port),
        "PUBLIC_BASE_URL": f"http://127.0.0.1:{port}",
        "DATABASE_URL": f"sqlite:///{run_dir / 'phantompay.sqlite3'}",
        "DJANGO_SECRET_KEY": made_up["django"],
        "DEBUG": "false",
        "DEMO_PASSWORD": "moonlight",
        "AGENT_HTTP_PORT": str(agent),
        "AGENT_HEALTH_URL": f"http://127.0.0.1:{agent}/",
        "LIVEKIT_AGENTS_PRELOAD_LOCAL_INFERENCE": "0",
    }
    if redis:
        defaults["REDIS_URL"] = f"redis://127.0.0.1:{redis}/0"
    if livekit:
        defaults["LIVEKIT_URL"] = f"ws://127.0.0.1:{livekit[0]}"
        defaults |= {
            "LIVEKIT_API_KEY": made_up["livekit_key"],
            "LIVEKIT_API_SECRET": made_up["livekit_secret"],
        }
    if carrier or chosen.get("TWILIO_API_BASE_URL"):
        defaults |= {
            "TWILIO_PHONE_NUMBER": "+15005550006",
            "BUSINESS_LEGAL_NAME": "Moonlight Supplies Limited",
        }
    if carrier:
        defaults |= _pretended_carrier(carrier, made_up)
    if not chosen.get("OPENAI_API_KEY"):
        defaults |= {"OPENAI_API_KEY": "rehearsal", "OPENAI_BASE_URL": f"http://127.0.0.1:{models}/v1"}
    return Plan(root, run_dir, {**defaults, **chosen}, port, agent, redis, livekit, carrier, models)


def _pretended_carrier(port: int, made_up: Mapping[str, str]) -> dict[str, str]:
    return {
        "TWILIO_ACCOUNT_SID": made_up["twilio_sid"],
        "TWILIO_AUTH_TOKEN": made_up["twilio_token"],
        "TWILIO_API_BASE_URL": f"http://127.0.0.1:{port}",
        "CARRIER_CONTROL_URL": f"http://127.0.0.1:{port}/rehearsal",
    }


def _number(chosen: Mapping[str, str], name: str) -> int:
    """A chosen port; 0 when none is."""
    value = chosen.get(name, "0")
    if not value.isdecimal() or int(value) > 65535:
        raise CannotStart(f"{name} is {value!r}: it has to be a port number.")
    return int(value)


def refuse_halves(chosen: Mapping[str, str]) -> None:
    """Half an account would dial nothing, or ring real people from a rehearsal."""
    wholes = {
        "TWILIO_ACCOUNT_SID": ["TWILIO_AUTH_TOKEN"],
        "TWILIO_AUTH_TOKEN": ["TWILIO_ACCOUNT_SID"],
        "TWILIO_API_BASE_URL": ["TWILIO_ACCOUNT_SID", "TWILIO_AUTH_TOKEN"],
        "LIVEKIT_URL": ["LIVEKIT_API_KEY", "LIVEKIT_API_SECRET"],
    }
    if "TWILIO_API_BASE_URL" not in chosen:  # the real one: it has to reach us, and to say who is calling
        wholes["TWILIO_ACCOUNT_SID"] += ["TWILIO_PHONE_NUMBER", "PUBLIC_BASE_URL", "BUSINESS_LEGAL_NAME"]
    for name, others in wholes.items():
        if name in chosen and (missing := [other for other in others if other not in chosen]):
            raise CannotStart(
                f"{name} is set, but not {', '.join(missing)}. Set them too (.env.example), or none."
            )


def _made_up(run_dir: Path) -> dict[str, str]:
    """Secrets of a rehearsal, made once, so that a login outlives a restart."""
    path = run_dir / "secrets.json"
    fresh = {
        "django": secrets.token_urlsafe(60),
        "livekit_key": f"API{secrets.token_hex(6)}",
        "livekit_secret": secrets.token_urlsafe(36),
        "twilio_sid": f"AC{secrets.token_hex(16)}",
        "twilio_token": secrets.token_hex(16),
    }
    try:
        kept: dict[str, str] = json.loads(path.read_text())
    except (OSError, ValueError):
        kept = {}
    if kept.keys() >= fresh.keys():
        return kept
    write_private(path, json.dumps(fresh))
    return fresh

"""The whole system as an object, for tests that look only through HTTP and SQL, and break one part at a time."""

import os
import signal
import sys
import tempfile
from collections.abc import Mapping
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path
from types import TracebackType
from typing import Literal, Self

from stack import install, launch, postgres, services, settings
from stack.keeper import Keeper
from stack.ports import Ports
from stack.processes import Spec
from stack.report import Report

ROOT = Path(__file__).resolve().parent.parent
Database = Literal["sqlite", "postgresql", "own postgresql"]


class Stack:
    """A running system on ports, Redis and database of its own. A process that ends does not end the others.

    Start it from a thread that outlives it: the kernel ends the processes with that thread.
    """

    def __init__(self, plan: settings.Plan, keeper: Keeper, cleanup: ExitStack) -> None:
        self._plan = plan
        self._keeper = keeper
        self._cleanup = cleanup
        self.logins: dict[str, str] = {}

    @classmethod
    def start(
        cls,
        *,
        root: Path = ROOT,
        run_dir: Path | None = None,
        database: Database | None = None,
        env: Mapping[str, str] | None = None,
        quiet: bool = True,
        agent: tuple[str, ...] | None = None,
    ) -> Self:
        """Ready when this returns. Neither `.env` nor exported settings count, only `env`: a test rings nobody real.
        Without `database`: PostgreSQL where TEST_DATABASE_URL is set, else SQLite; "own postgresql" is a server that
        may be stopped, the process `postgres`. `agent`: what Python runs in the agent's place."""
        with ExitStack() as cleanup:
            folder = run_dir or Path(
                cleanup.enter_context(tempfile.TemporaryDirectory(prefix="phantompay-run-"))
            )
            ports = Ports()
            cleanup.callback(ports.release)
            keeper = Keeper(folder, Report(sys.stderr, quiet=quiet))
            cleanup.callback(keeper.interrupts.close)
            cleanup.callback(keeper.close)
            kind = database or ("postgresql" if os.environ.get("TEST_DATABASE_URL") else "sqlite")
            python = install.ensure(root, keeper)
            chosen = {
                "PORT": str(ports.take()),
                "MEDIA_ROOT": str(folder / "media"),
                "ENV_FILE": os.devnull,
                **(env or {}),
            }
            if kind != "sqlite" and "DATABASE_URL" not in chosen:
                find = postgres.throw_away if kind == "own postgresql" else postgres.ensure
                server = find(keeper, ports)
                chosen["DATABASE_URL"] = cleanup.enter_context(postgres.database(server, python))
            cleanup.callback(keeper.stop_in_order, services.STOP_ORDER)  # before their database goes
            plan = settings.plan(chosen, root=root, run_dir=folder, ports=ports)
            if agent:
                plan = replace(plan, agent=agent)
            stack = cls(plan, keeper, cleanup)
            stack.logins = launch.bring_up(plan, keeper)
            stack._cleanup = cleanup.pop_all()
        return stack

    def close(self) -> None:
        self._cleanup.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    @property
    def base_url(self) -> str:
        return self._plan.base_url

    @property
    def env(self) -> dict[str, str]:
        """The settings that every process runs with."""
        return dict(self._plan.env)

    @property
    def environment(self) -> dict[str, str]:
        """A whole environment, for commands run beside the stack."""
        return services.environment(self._plan)

    @property
    def database_url(self) -> str:
        return self._plan.env["DATABASE_URL"]

    @property
    def carrier_url(self) -> str:
        """The pretended carrier's control door, `…/rehearsal`."""
        return self._plan.env["CARRIER_CONTROL_URL"]

    @property
    def run_dir(self) -> Path:
        return self._plan.run_dir

    def pid(self, name: str) -> int:
        return self._keeper.processes[name].pid

    def is_running(self, name: str) -> bool:
        process = self._keeper.processes.get(name)
        return process is not None and process.exit_code() is None

    def kill(self, name: str, number: signal.Signals = signal.SIGKILL) -> None:
        """Signal that one process only, as a crash would; its children see for themselves."""
        self._keeper.processes[name].signal(number)

    def stop(self, name: str) -> None:
        """End it in an orderly way, its children included."""
        self._keeper.stop(name)

    def start_process(self, name: str) -> None:
        """Start it again, on the same ports; ready when this returns."""
        self._begin(self._keeper.specs[name])

    def start_beside(
        self,
        name: str,
        like: str,
        *arguments: str,
        env: Mapping[str, str] | None = None,
        root: Path | None = None,
    ) -> None:
        """Start one more process as `like` is started, with more arguments, other settings or another copy of the
        code."""
        spec = self._keeper.specs[like]
        argv, env = (*spec.argv, *arguments), {**spec.env, **(env or {})}
        self._begin(replace(spec, name=name, argv=argv, env=env, cwd=root or spec.cwd))

    def _begin(self, spec: Spec) -> None:
        self._keeper.start(spec)
        self._keeper.wait_ready([spec])
        launch.write_state(self._plan, self._keeper, self.logins)

    def log(self, name: str) -> str:
        return (self._keeper.logs / f"{name}.log").read_text(errors="replace")

"""A pytest plugin that takes one guard out of the product: `WITHOUT_GUARD=name pytest -p tests.guards.without ...`.

The guard's lines are left out of its module as it is imported; no file changes. A plugin that is named by `-p` comes
before Django and the tests import anything of the product, and an option would be read too late: hence a variable.
"""

import os
import sys
from collections.abc import Sequence
from importlib.abc import MetaPathFinder
from importlib.machinery import ModuleSpec, PathFinder, SourceFileLoader
from types import CodeType, ModuleType

from tests.guards.registry import Guard, guards


class _Loader(SourceFileLoader):
    """Compiles the module from its text without the guard, past any bytecode on disk."""

    def __init__(self, guard: Guard, path: str) -> None:
        super().__init__(guard.module, path)
        self._guard = guard

    def get_code(self, fullname: str) -> CodeType:
        source = self._guard.taken_out(self.get_data(self.path).decode())
        return compile(source, self.path, "exec", dont_inherit=True)


class _Finder(MetaPathFinder):
    def __init__(self, guard: Guard) -> None:
        self._guard = guard

    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        if fullname != self._guard.module:
            return None
        spec = PathFinder.find_spec(fullname, path, target)
        if spec is not None and spec.origin is not None:
            spec.loader = _Loader(self._guard, spec.origin)
        return spec


def take_out(guard: Guard) -> None:
    """Raises RuntimeError where the module is there already."""
    if guard.module in sys.modules:
        raise RuntimeError(f"{guard.module} is imported already")
    sys.meta_path.insert(0, _Finder(guard))


take_out(guards()[os.environ["WITHOUT_GUARD"]])

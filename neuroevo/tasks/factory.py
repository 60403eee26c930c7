"""From settings to a task, and settings to JSON and back for workers.

Tasks are imported when they are built, so that a run without an emulator never loads one.
"""

from __future__ import annotations

import dataclasses
import json
import types
import typing
from typing import Any

from neuroevo.errors import TaskError
from neuroevo.tasks.retro.settings import RetroSettings
from neuroevo.tasks.settings import (
    DoublePoleSettings,
    GymnasiumSettings,
    TaskSettings,
    XorSettings,
)
from neuroevo.tasks.task import Task

_KINDS: dict[str, type[Any]] = {
    "xor": XorSettings,
    "double-pole": DoublePoleSettings,
    "gymnasium": GymnasiumSettings,
    "retro": RetroSettings,
}


def make_task(settings: TaskSettings) -> Task:
    """Build the task that the settings describe.

    Raises:
        TaskError: the task cannot be set up on this machine.
    """
    if isinstance(settings, XorSettings):
        from neuroevo.tasks.xor import XorTask

        return XorTask(settings)
    if isinstance(settings, DoublePoleSettings):
        from neuroevo.tasks.double_pole import DoublePoleTask

        return DoublePoleTask(settings)
    if isinstance(settings, GymnasiumSettings):
        from neuroevo.tasks.gymnasium_task import GymnasiumTask

        return GymnasiumTask(settings)
    from neuroevo.tasks.retro.task import RetroTask

    return RetroTask(settings)


def preload(settings: TaskSettings) -> None:
    """Import and compile what a task of these settings needs; it is not set up.

    Raises:
        TaskError: the settings cannot be met on this machine.
    """
    make_task(settings)
    if isinstance(settings, RetroSettings):
        from neuroevo.tasks.retro.task import preload as preload_game

        preload_game(settings)


def task_settings_to_json(settings: TaskSettings) -> str:
    """Return ``{"kind": ..., "settings": {...}}``; every field is written, nested ones too."""
    kind = next(kind for kind, cls in _KINDS.items() if isinstance(settings, cls))
    message = {"kind": kind, "settings": dataclasses.asdict(settings)}
    return json.dumps(message, allow_nan=False, sort_keys=True)


def task_settings_from_json(text: str) -> TaskSettings:
    """Inverse of :func:`task_settings_to_json`.

    Raises:
        TaskError: not JSON, an unknown kind or field, a missing field, or a value of another type.
    """
    try:
        message = json.loads(text)
    except (ValueError, RecursionError) as problem:
        raise _refused("task settings", "JSON", str(problem)) from problem
    if not isinstance(message, dict) or message.get("kind") not in list(_KINDS):
        raise _refused("task settings", f"kind, one of {', '.join(_KINDS)}", repr(message)[:80])
    kind = message["kind"]
    settings: TaskSettings = _decode(_KINDS[kind], message.get("settings"), kind)
    return settings


def _refused(where: str, rule: str, got: str) -> TaskError:
    return TaskError(f"{where}: expected {rule}; got {got}. Write it with task_settings_to_json.")


def _decode(hint: Any, value: Any, where: str) -> Any:
    """Return ``value`` as the annotation ``hint`` wants it, or raise."""
    if dataclasses.is_dataclass(hint):
        return _decode_dataclass(hint, value, where)
    origin = typing.get_origin(hint)
    if origin in (types.UnionType, typing.Union):
        return _decode_optional(hint, value, where)
    if origin is tuple:
        if not isinstance(value, list):
            raise _refused(where, "a list", repr(value)[:80])
        items = _item_hints(hint, len(value))
        if len(items) != len(value):
            raise _refused(where, f"a list of {len(items)}", repr(value)[:80])
        pairs = enumerate(zip(items, value, strict=True))
        return tuple(_decode(item, v, f"{where}[{i}]") for i, (item, v) in pairs)
    if hint is float and type(value) is int:
        return float(value)
    if type(value) is not hint:  # exact: a bool must not pass as an int
        raise _refused(where, hint.__name__, repr(value)[:80])
    return value


def _item_hints(hint: Any, count: int) -> tuple[Any, ...]:
    """Return one annotation per item: of ``tuple[int, ...]`` as many as there are items."""
    items = typing.get_args(hint)
    return (items[0],) * count if items[-1] is Ellipsis else items


def _decode_optional(hint: Any, value: Any, where: str) -> Any:
    if value is None:
        return None
    (inner,) = (option for option in typing.get_args(hint) if option is not type(None))
    return _decode(inner, value, where)


def _decode_dataclass(cls: Any, value: Any, where: str) -> Any:
    hints = typing.get_type_hints(cls)
    if not isinstance(value, dict) or set(value) != set(hints):
        raise _refused(where, f"the fields {', '.join(sorted(hints))}", repr(value)[:200])
    return cls(**{k: _decode(hint, value[k], f"{where}.{k}") for k, hint in hints.items()})

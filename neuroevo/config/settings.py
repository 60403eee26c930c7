"""All settings of a run as one value, and building it from checked values.

Owns the settings of the run itself; those of NEAT and of the tasks stand beside their code.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from typing import Any, TypeVar

from neuroevo.neat.settings import (
    ChoiceAttributeSettings,
    EnabledSettings,
    FloatAttributeSettings,
    GenomeSettings,
    NeatSettings,
    ReproductionSettings,
    SpeciesSettings,
    StagnationSettings,
)
from neuroevo.tasks.retro.settings import (
    ButtonSettings,
    FitnessSettings,
    ObservationSettings,
    RetroSettings,
)
from neuroevo.tasks.settings import (
    DoublePoleSettings,
    GymnasiumSettings,
    TaskSettings,
    XorSettings,
)

Values = Mapping[str, Mapping[str, Any]]
"""Checked values by section and key."""

_T = TypeVar("_T")


@dataclass(frozen=True, slots=True)
class RunSettings:
    """``[Run]``.

    Attributes:
        generations: to reach in all.
        frames: stop after the generation in which so many frames have been run in all; None
            never.
        workers: processes that evaluate; None takes one per core, 0 evaluates in this process.
        seed: None draws one, which the run records.
        seed_genome: path of a genome file that generation 0 is made of; None draws it.
        checkpoint_every: generations between checkpoints.
        evaluation_timeout: seconds for one genome; None measures the task.
        worker_memory: megabytes at which a worker is replaced; None takes its share of the
            machine's, 0 sets no limit.
        stagnation_notice: generations without a better best fitness after which the run says so;
            0 never.
        stop_when_solved: end the run when the task says it is solved.
    """

    generations: int = 100
    frames: int | None = None
    workers: int | None = None
    seed: int | None = None
    seed_genome: str | None = None
    checkpoint_every: int = 1
    evaluation_timeout: float | None = None
    worker_memory: int | None = None
    stagnation_notice: int = 50
    stop_when_solved: bool = True

    @property
    def num_workers(self) -> int:
        """The number of worker processes on this machine."""
        if self.workers is not None:
            return self.workers
        if hasattr(os, "sched_getaffinity"):  # Linux: the cores this process may use
            return len(os.sched_getaffinity(0))
        return os.cpu_count() or 1


@dataclass(frozen=True, slots=True)
class Settings:
    """Everything a settings file says.

    Attributes:
        neat: of the evolution.
        task: None for a file without ``[Task]``, such as one written for neat-python.
        task_name: as in ``[Task] name``.
        run: of the run.
    """

    neat: NeatSettings
    task: TaskSettings | None = None
    task_name: str | None = None
    run: RunSettings = field(default_factory=RunSettings)


def build_settings(values: Values, task_name: str | None) -> Settings:
    """Build the settings from complete, checked values."""
    return Settings(
        neat=_neat(values),
        task=None if task_name is None else _task(values, task_name),
        task_name=task_name,
        run=_pick(RunSettings, values["Run"]),
    )


def _neat(values: Values) -> NeatSettings:
    return _pick(
        NeatSettings,
        values["NEAT"],
        genome=_genome(values["DefaultGenome"]),
        species=_pick(SpeciesSettings, values["DefaultSpeciesSet"]),
        stagnation=_pick(StagnationSettings, values["DefaultStagnation"]),
        reproduction=_pick(ReproductionSettings, values["DefaultReproduction"]),
    )


def _genome(genome: Mapping[str, Any]) -> GenomeSettings:
    connection, fraction = genome["initial_connection"]
    surer = genome["structural_mutation_surer"]
    attributes: dict[str, Any] = {
        name: _pick(FloatAttributeSettings, _attribute(genome, name))
        for name in ("weight", "bias", "response", "time_constant")
    }
    return _pick(
        GenomeSettings,
        genome,
        num_inputs=genome["num_inputs"] or 0,  # 0: auto, until the task is known
        num_outputs=genome["num_outputs"] or 0,
        initial_connection=connection,
        connection_fraction=fraction,
        structural_mutation_surer=genome["single_structural_mutation"] if surer is None else surer,
        activation=_pick(ChoiceAttributeSettings, _attribute(genome, "activation")),
        aggregation=_pick(ChoiceAttributeSettings, _attribute(genome, "aggregation")),
        enabled=_pick(EnabledSettings, _attribute(genome, "enabled")),
        **attributes,
    )


def _attribute(genome: Mapping[str, Any], name: str) -> dict[str, Any]:
    """Return the keys of one attribute without its name: ``bias_init_mean`` as ``init_mean``."""
    prefix = f"{name}_"
    return {key.removeprefix(prefix): genome[key] for key in genome if key.startswith(prefix)}


def _task(values: Values, name: str) -> TaskSettings:
    task = values["Task"]
    if name == "xor":
        return _pick(XorSettings, task)
    if name == "gymnasium":
        return _pick(GymnasiumSettings, task)
    if name == "retro":
        return _retro(values)
    return _pick(DoublePoleSettings, task, velocities=name == "double-pole")


def _retro(values: Values) -> RetroSettings:
    return RetroSettings(
        **_without_none(values["Retro"]),
        observation=_pick(ObservationSettings, values["Observation"]),
        buttons=_buttons(values["Buttons"]),
        fitness=_fitness(values["Fitness"]),
    )


def _buttons(buttons: Mapping[str, Any]) -> ButtonSettings:
    given = [mode for mode in ("combos", "groups") if buttons[mode]]
    mode = buttons["mode"] or (given[0] if given else "threshold")
    return _pick(ButtonSettings, {**_without_none(buttons), "mode": mode})


def _fitness(fitness: Mapping[str, Any]) -> FitnessSettings:
    scenario = fitness["use_scenario_reward"]
    return _pick(FitnessSettings, {
        **_without_none(fitness),
        "use_scenario_reward": not fitness["terms"] if scenario is None else scenario,
        "stall_frames": fitness["stall_frames"],
    })  # fmt: skip


def _without_none(values: Mapping[str, Any]) -> dict[str, Any]:
    """Drop the words: there the empty default of the settings says the same."""
    return {name: value for name, value in values.items() if value is not None}


def _pick(kind: type[_T], values: Mapping[str, Any], **given: Any) -> _T:
    """Build a dataclass from the values it has fields for, and from ``given``."""
    names = {item.name for item in fields(kind)}  # type: ignore[arg-type]
    return kind(**{name: values[name] for name in values if name in names} | given)

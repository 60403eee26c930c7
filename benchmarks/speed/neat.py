"""Reproduction and speciation: one generation of ours beside one of neat-python's.

Both sides evolve populations of their own from the same settings, with random fitness, and are
timed in the same generations, each round with another seed: genomes grow and shrink by chance, and
one lineage beside one other would compare these. Ours is all of ``Population.tell`` (statistics,
stagnation and what ``ask`` returns included), theirs ``reproduction.reproduce`` and
``species_set.speciate`` alone; the drawing of fitness counts on both, a few thousandths of theirs.
"""

from __future__ import annotations

import random
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

if __name__ == "__main__":  # run alone: in place of this folder, where "neat" would be this file
    sys.path[0] = str(Path(__file__).resolve().parents[1])

from speed.measuring import ROOT, Row, Side, Spread, growth, timed

from neuroevo.config import load
from neuroevo.neat.population import Population
from neuroevo.neat.settings import GenomeSettings, NeatSettings, SpeciesSettings, StagnationSettings

SEED_CONFIG = ROOT / "tests" / "data" / "seed-2021.cfg"
THEIRS = "neat-python 2.0.0"


@dataclass(frozen=True)
class Case:
    """One kind of population, and what it has to reach.

    Attributes:
        rounds: of both sides, with the seeds from 1 on.
        before: generations that a population evolves before it is timed.
        timed: generations that are timed.
    """

    what: str
    settings: NeatSettings
    goal: float
    rounds: int
    before: int
    timed: int


def large(pop_size: int) -> NeatSettings:
    """Return the settings of 2021: 1120 inputs, 12 outputs, half of the connections."""
    return replace(load(SEED_CONFIG).settings.neat, pop_size=pop_size)


def small(num_inputs: int, num_outputs: int, pop_size: int) -> NeatSettings:
    """Return neat-python's default rates for a fully connected genome.

    Two species always stay, as in neat-python's own XOR example: with random fitness all others
    become stagnant, and neat-python has nothing left to breed from.
    """
    genome = GenomeSettings(num_inputs, num_outputs)
    return NeatSettings(genome, pop_size=pop_size, stagnation=StagnationSettings(species_elitism=2))


def rows(*, is_quick: bool) -> Iterator[Row]:
    """Measure all; a few seconds when quick, about ten minutes otherwise."""
    factor = 50 if is_quick else 1
    rounds = 2 if is_quick else 9
    cases = [
        Case("XOR, population 150", small(2, 1, 150), 15, rounds, 3, 20),
        Case(
            f"24 x 4, population {1000 // factor:,}", small(24, 4, 1000 // factor), 60, rounds,
            3, 2,
        ),
        Case(
            f"24 x 4, population {10_000 // factor:,}", small(24, 4, 10_000 // factor), 80,
            min(rounds, 4), 3, 1,
        ),
        Case(
            f"1120 x 12, population {max(150 // factor, 4)}", large(max(150 // factor, 4)), 200,
            min(rounds, 3), 3, 1,
        ),
    ]  # fmt: skip
    for case in cases:
        yield compared(case)
    sizes = (30, 100, 300) if is_quick else (30, 100, 300, 1000, 3000, 10_000)
    yield grown("population", sizes, lambda n: one_species(24, 4, n))
    sizes = (10, 100, 1000) if is_quick else (10, 100, 1000, 6720, 20_000)
    yield grown("connections", sizes, lambda n: one_species(n // 5, 5, 30 if is_quick else 150))
    yield memory(10 if is_quick else 500)


def compared(case: Case) -> Row:
    """Measure the same generations of both sides, in turns."""
    our_generation(case.settings, seed=0)[0]()  # loads kernels
    taken: tuple[list[float], list[float]] = ([], [])
    sizes: dict[str, list[float]] = {}
    for turn in range(case.rounds):
        for index in (0, 1) if turn % 2 == 0 else (1, 0):
            make = (our_generation, their_generation)[index]
            step, look = make(case.settings, seed=1 + turn)
            for _ in range(case.before):
                step()
            taken[index].append(timed(step, case.timed, "cpu"))
            for name, value in zip(("species", "connections"), look(), strict=True):
                sizes.setdefault(f"{('our', 'their')[index]}_{name}", []).append(value)
    ratios = [theirs / ours for ours, theirs in zip(*taken, strict=True)]
    first, last = case.before, case.before + case.timed - 1
    which = f"generations {first} to {last}" if last > first else f"generation {first}"
    return Row(
        case.what, Spread.of(taken[0]), case.rounds, THEIRS, Spread.of(taken[1]),
        Spread.of(ratios), case.goal, note=f"{which}, a seed a round",
        extra=dict(sizes),
    )  # fmt: skip


Look = Callable[[], tuple[int, float]]
"""Returns how many species there are, and the mean number of connections."""


def our_generation(settings: NeatSettings, *, seed: int) -> tuple[Side, Look]:
    """Return what makes one generation of ours, and what it has come to."""
    population = Population(settings, seed=seed)
    generator = np.random.default_rng(seed)

    def step() -> None:
        population.tell(generator.random(settings.pop_size))
        population.ask()

    def look() -> tuple[int, float]:
        sizes = [genome.num_connections for genome in population.ask()]
        return len(population.state().species), float(np.mean(sizes))

    return step, look


def their_generation(settings: NeatSettings, *, seed: int) -> tuple[Side, Look]:
    """Return what makes one generation of theirs, and what it has come to."""
    import neat
    from neat.innovation import InnovationTracker
    from neat.reporting import ReporterSet

    random.seed(seed)
    config = their_config(settings)
    reporters = ReporterSet()
    stagnation = config.stagnation_type(config.stagnation_config, reporters)
    reproduction = config.reproduction_type(config.reproduction_config, reporters, stagnation)
    config.genome_config.innovation_tracker = InnovationTracker()
    if hasattr(reproduction, "innovation_tracker"):
        config.genome_config.innovation_tracker = reproduction.innovation_tracker
    genomes = reproduction.create_new(neat.DefaultGenome, config.genome_config, settings.pop_size)
    species = config.species_set_type(config.species_set_config, reporters)
    species.speciate(config, genomes, 0)
    generation = 0

    def step() -> None:
        nonlocal genomes, generation
        for genome in genomes.values():
            genome.fitness = random.random()
        genomes = reproduction.reproduce(config, species, settings.pop_size, generation)
        generation += 1
        species.speciate(config, genomes, generation)

    def look() -> tuple[int, float]:
        sizes = [len(genome.connections) for genome in genomes.values()]
        return len(species.species), float(np.mean(sizes))

    return step, look


def their_config(settings: NeatSettings) -> Any:
    """Return neat-python's configuration with the values of ours."""
    import neat

    sections = {
        "NEAT": {
            "fitness_criterion": "max", "fitness_threshold": 1e9, "no_fitness_termination": True,
            "pop_size": settings.pop_size, "reset_on_extinction": True,
        },
        "DefaultGenome": their_genome(settings.genome),
        "DefaultSpeciesSet": {
            "compatibility_threshold": settings.species.compatibility_threshold
        },
        "DefaultStagnation": {
            key: getattr(settings.stagnation, key)
            for key in ("species_fitness_func", "max_stagnation", "species_elitism")
        },
        "DefaultReproduction": {
            key: getattr(settings.reproduction, key)
            for key in ("elitism", "survival_threshold", "min_species_size")
        },
    }  # fmt: skip
    lines = [
        line
        for name, values in sections.items()
        for line in (f"[{name}]", *(f"{key} = {value}" for key, value in values.items()))
    ]
    with tempfile.NamedTemporaryFile("w", suffix=".ini") as file:
        file.write("\n".join(lines) + "\n")
        file.flush()
        return neat.Config(
            neat.DefaultGenome, neat.DefaultReproduction, neat.DefaultSpeciesSet,
            neat.DefaultStagnation, file.name,
        )  # fmt: skip


def their_genome(settings: GenomeSettings) -> dict[str, Any]:
    """Return the section of the genome; keys that are called the same keep their names."""
    kind = settings.initial_connection
    if kind.startswith("partial"):
        kind = f"{kind} {settings.connection_fraction}"
    same = (
        "num_inputs", "num_outputs", "num_hidden", "feed_forward", "conn_add_prob",
        "conn_delete_prob", "node_add_prob", "node_delete_prob", "single_structural_mutation",
        "compatibility_disjoint_coefficient", "compatibility_weight_coefficient",
    )  # fmt: skip
    values: dict[str, Any] = {key: getattr(settings, key) for key in same}
    values |= {"initial_connection": kind, "structural_mutation_surer": "false"}
    for name in ("weight", "bias", "response", "time_constant"):
        attribute = getattr(settings, name)
        for key in (
            "init_mean", "init_stdev", "init_type", "replace_rate", "mutate_rate", "mutate_power",
            "max_value", "min_value",
        ):  # fmt: skip
            values[f"{name}_{key}"] = getattr(attribute, key)
    for name in ("activation", "aggregation"):
        choice = getattr(settings, name)
        values[f"{name}_default"] = choice.default
        values[f"{name}_mutate_rate"] = choice.mutate_rate
        values[f"{name}_options"] = " ".join(choice.options)
    for key in ("default", "mutate_rate", "rate_to_true_add", "rate_to_false_add"):
        values[f"enabled_{key}"] = getattr(settings.enabled, key)
    return values


def one_species(num_inputs: int, num_outputs: int, pop_size: int) -> NeatSettings:
    """Return settings under which all genomes are one species, so that only one size grows."""
    settings = small(num_inputs, num_outputs, pop_size)
    return replace(settings, species=SpeciesSettings(compatibility_threshold=1e9))


def grown(what: str, sizes: tuple[int, ...], settings: Callable[[int], NeatSettings]) -> Row:
    """Measure generations of growing size; the row holds the exponent."""
    seconds = []
    for size in sizes:
        step, _ = our_generation(settings(size), seed=1)
        step()
        seconds.append(min(timed(step, 1, "cpu") for _ in range(5)))
    exponent = growth(sizes, seconds)
    return Row(
        f"exponent of a generation's cost, {what} {sizes[0]} to {sizes[-1]:,}",
        Spread.of([exponent]), 5, goal=1.0, is_limit=True, unit="",
        note="one species", extra={"sizes": list(sizes), "seconds": seconds},
    )  # fmt: skip


def memory(pop_size: int) -> Row:
    """Compare what the running population takes, each in a process of its own."""
    ours, our_peak = _measured_apart("ours", pop_size)
    theirs, their_peak = _measured_apart("theirs", pop_size)
    return Row(
        f"memory of a running population, {pop_size} of 1120 x 12",
        Spread.of([ours]), 1, THEIRS, Spread.of([theirs]), Spread.of([theirs / ours]),
        goal=30, unit="MB", note="growth of resident memory, when it has settled",
        extra={"our_peak": our_peak, "their_peak": their_peak},
    )  # fmt: skip


def _measured_apart(side: str, pop_size: int) -> tuple[float, float]:
    words = [sys.executable, __file__, "--memory", side, str(pop_size)]
    done = subprocess.run(words, capture_output=True, text=True, check=True)
    settled, peak = done.stdout.split()
    return float(settled), float(peak)


def _print_memory(side: str, pop_size: int) -> None:
    """Print the growth of this process's memory in MB: when it has settled, and at its highest.

    neat-python's does not grow any more after its second generation, which takes minutes.
    """
    make = our_generation if side == "ours" else their_generation
    # What is loaded and compiled once is not the population's.
    for _ in range(2):
        make(large(3), seed=1)[0]()
    before = _status("VmRSS")
    step, look = make(large(pop_size), seed=1)
    for _ in range(5 if side == "ours" else 2):
        step()
    settled = _status("VmRSS") - before
    print(settled, _status("VmHWM") - before)
    assert look()  # alive until here


def _status(name: str) -> float:
    lines = Path("/proc/self/status").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith(name)) / 1024


if __name__ == "__main__":
    if sys.argv[1:2] == ["--memory"]:
        _print_memory(sys.argv[2], int(sys.argv[3]))
    else:
        for each in rows(is_quick="--quick" in sys.argv):
            print(each, flush=True)

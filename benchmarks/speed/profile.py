"""Where the time of one generation goes, piece by piece, without the episodes themselves.

Each piece is called by itself on the same population, in one process, in CPU time; rounds follow
one another piece after piece. ``neuroevo bench`` shows the same of an episode's frames.
"""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from time import process_time
from typing import Any

import numpy as np

if __name__ == "__main__":  # run alone: in place of this folder, where "neat" would be this file
    sys.path[0] = str(Path(__file__).resolve().parents[1])

from speed.measuring import Row, Spread, timed
from speed.neat import large, small

from neuroevo.evaluation.shared_memory import GenomeReader, GenomeWriter
from neuroevo.neat import population as evolution
from neuroevo.neat.population import Population
from neuroevo.neat.settings import NeatSettings
from neuroevo.neat.twins import first_of_same_genes
from neuroevo.network.compile import compile_network
from neuroevo.storage.checkpoint import save_checkpoint
from neuroevo.storage.digest import state_digest

Pieces = dict[str, float]
INSIDE_TELL = {
    "next_generation": "breed: elites, crossover, mutation",
    "speciate": "speciate",
    "generation_stats": "statistics for the log",
}


def rows(*, is_quick: bool) -> Iterator[Row]:
    """Yield a row per piece, for large and for small genomes."""
    size = 10 if is_quick else 150
    rounds = 2 if is_quick else 9
    tiny = replace(small(2, 1, size), reset_on_extinction=True)
    yield from profile(f"{size} of 1120 x 12", large(size), rounds)
    yield from profile(f"{size} of XOR", tiny, rounds)


def profile(what: str, settings: NeatSettings, rounds: int) -> Iterator[Row]:
    """Measure all pieces of some generations after three that are not measured."""
    population = Population(settings, seed=1)
    generator = np.random.default_rng(2)
    found: list[Pieces] = []
    writer = GenomeWriter()
    with tempfile.TemporaryDirectory() as folder:
        for turn in range(3 + rounds):
            fitnesses = generator.random(settings.pop_size)
            pieces = generation(population, settings, fitnesses, writer, Path(folder))
            found += [pieces] if turn >= 3 else []
    writer.close()
    for name in found[0]:
        seconds = [pieces[name] for pieces in found]
        shares = [pieces[name] / sum(pieces.values()) for pieces in found]
        each = float(np.median(seconds)) / settings.pop_size * 1e6
        yield Row(
            f"{what}: {name}", Spread.of(seconds), rounds, "all of these together",
            Spread.of([sum(pieces.values()) for pieces in found]), Spread.of(shares),
            note=f"{each:.3g} us per genome",
        )  # fmt: skip


def generation(
    population: Population,
    settings: NeatSettings,
    fitnesses: Any,
    writer: GenomeWriter,
    folder: Path,
) -> Pieces:
    """Return the seconds of each piece of a generation, in the order of a run."""
    sizes = (settings.genome.num_inputs, settings.genome.num_outputs)
    feed_forward = settings.genome.feed_forward
    pieces: Pieces = {}
    genomes = population.ask()
    pieces["find twins"] = cpu(lambda: first_of_same_genes(genomes))
    places: list[int] = []
    pieces["write genes for the workers"] = cpu(lambda: places.extend(writer.write(genomes)))
    reader = GenomeReader(writer.fd)
    read = [reader.read(writer.round, place) for place in places]
    networks: list[Any] = []
    pieces["compile networks (in the workers)"] = cpu(
        lambda: networks.extend(
            compile_network(genome, *sizes, feed_forward=feed_forward) for genome in read
        )
    )
    inputs = np.random.default_rng(3).random(sizes[0])
    pieces["one activation of each (in the workers)"] = cpu(
        lambda: [network.activate(inputs) for network in networks]
    )
    with stopwatches() as inside:
        whole = cpu(lambda: population.tell(fitnesses))
    for name, label in INSIDE_TELL.items():
        pieces[label] = inside[name]
    pieces["the rest of tell"] = whole - sum(inside.values())
    pieces["views of the new genomes"] = cpu(population.ask)
    state = population.state()
    pieces["digest"] = cpu(lambda: state_digest(state, fitnesses))
    pieces["checkpoint"] = cpu(lambda: save_checkpoint(folder, state, {}))
    return pieces


@contextmanager
def stopwatches() -> Iterator[dict[str, float]]:
    """Measure the functions that ``tell`` calls while the context lasts."""
    taken = dict.fromkeys(INSIDE_TELL, 0.0)
    whole = {name: getattr(evolution, name) for name in INSIDE_TELL}

    def watched(name: str) -> Callable[..., Any]:
        def call(*words: Any, **options: Any) -> Any:
            began = process_time()
            try:
                return whole[name](*words, **options)
            finally:
                taken[name] += process_time() - began

        return call

    for name in INSIDE_TELL:
        setattr(evolution, name, watched(name))
    try:
        yield taken
    finally:
        for name, function in whole.items():
            setattr(evolution, name, function)


def cpu(work: Callable[[], Any]) -> float:
    """Return the CPU seconds of one call."""

    def side() -> None:
        work()

    return timed(side, 1, "cpu")


if __name__ == "__main__":
    for row in rows(is_quick=False):
        print(row)

"""The hall of fame: who is in it, and how an evolution goes on from it after an extinction."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from builders.neat_genomes import fingerprint, make_genome, neat_settings

from neuroevo.neat import hall
from neuroevo.neat.genome import Genome, check_genome, same_genes
from neuroevo.neat.hall import with_champion
from neuroevo.neat.population import Population
from neuroevo.neat.settings import NeatSettings, StagnationSettings
from neuroevo.neat.state import BestGenome, PopulationState
from neuroevo.storage.checkpoint import load_checkpoint, save_checkpoint
from neuroevo.storage.digest import state_digest
from neuroevo.storage.state_arrays import unpack_state

SETTINGS = neat_settings(
    stagnation=StagnationSettings(max_stagnation=3), on_extinction="hall_of_fame"
)


def genome(weight: float, genome_id: int = 1) -> Genome:
    return make_genome([(0, -1, 0, weight, True)], genome_id=genome_id)


def fitnesses(population: Population) -> np.ndarray:
    """Better and better for three generations, then never again: it dies out."""
    generation = population.generation
    return np.arange(float(len(population.ask()))) % 7 + 10.0 * min(generation, 3)


def evolved(generations: int, settings: NeatSettings = SETTINGS) -> Population:
    population = Population(settings, seed=3)
    for _ in range(generations):
        population.tell(fitnesses(population))
    return population


def until_extinction(population: Population) -> tuple[BestGenome, ...]:
    """Go on until all died out; return the hall as it was when they did."""
    for _ in range(40):
        stats = population.tell(fitnesses(population))
        if any(text.startswith("extinction") for text in stats.events):
            assert "hall of fame" in stats.events[-1]
            return population.state().hall_of_fame
    raise AssertionError("nobody died out")


def test_the_hall_holds_the_ten_best_champions_best_first() -> None:
    kept: tuple[BestGenome, ...] = ()
    for number in (3, 1, 4, 1, 5, 9, 2, 6, 5, 3, 5, 8, 9, 7, 9):
        kept = with_champion(kept, genome(len(kept) + number / 16), float(number), len(kept))
    assert len(kept) == hall.SIZE
    assert [best.fitness for best in kept] == sorted((b.fitness for b in kept), reverse=True)
    assert kept[0].fitness == 9.0


def test_the_same_genes_count_once_with_the_higher_fitness() -> None:
    kept = with_champion((), genome(1.0), 2.0, 0)
    assert with_champion(kept, genome(1.0, 7), 1.0, 1) == kept
    (best,) = with_champion(kept, genome(1.0, 7), 3.0, 2)
    assert (best.fitness, best.generation, best.genome.id) == (3.0, 2, 7)


def test_after_an_extinction_the_champions_live_on_and_the_rest_are_their_mutants() -> None:
    population = evolved(1)
    champions = until_extinction(population)
    pool = population.ask()
    assert 1 < len(champions) <= hall.SIZE
    for champion, copy in zip(champions, pool, strict=False):
        assert same_genes(champion.genome, copy)
    mutants = pool[len(champions) :]
    assert any(not same_genes(m, champions[0].genome) for m in mutants)
    for new in pool:
        check_genome(new, SETTINGS.genome.num_inputs, SETTINGS.genome.num_outputs)
    assert len(pool) == SETTINGS.pop_size
    assert [g.id for g in pool] == sorted({g.id for g in pool})
    assert population.best is not None
    assert population.best.fitness == champions[0].fitness


def test_a_population_smaller_than_the_hall_is_made_of_its_best() -> None:
    population = evolved(1, replace(SETTINGS, pop_size=2))
    champions = until_extinction(population)
    assert len(champions) > 2
    assert all(same_genes(a.genome, b) for a, b in zip(champions, population.ask(), strict=False))
    assert len(population.ask()) == 2


@pytest.mark.parametrize("stop", [2, 5, 7, 9])
def test_a_run_with_a_hall_goes_on_exactly_from_its_checkpoint(tmp_path, stop: int) -> None:
    straight, first = evolved(14), evolved(stop)
    path = save_checkpoint(tmp_path, first.state(), {})
    resumed = Population.from_state(SETTINGS, load_checkpoint(path)[0])
    assert len(resumed.state().hall_of_fame) > 0
    while resumed.generation < 14:
        resumed.tell(fitnesses(resumed))
    assert fingerprint(resumed.state()) == fingerprint(straight.state())
    assert digest(resumed.state()) == digest(straight.state())


def digest(state: PopulationState) -> str:
    return state_digest(state, np.zeros(len(state.genomes)))


def test_the_digest_covers_the_hall() -> None:
    state = evolved(3).state()
    assert digest(state) != digest(replace(state, hall_of_fame=state.hall_of_fame[:-1]))
    first, *others = state.hall_of_fame
    other = (replace(first, fitness=first.fitness + 1.0), *others)
    assert digest(state) != digest(replace(state, hall_of_fame=other))


@pytest.mark.parametrize("rule", ["auto", "stop", "restart"])
def test_other_runs_have_no_hall(rule: str) -> None:
    settings = replace(SETTINGS, on_extinction=rule, stagnation=StagnationSettings())
    assert evolved(3, settings).state().hall_of_fame == ()


def test_a_new_stage_of_a_curriculum_begins_an_empty_hall() -> None:
    population = evolved(3)
    population.forget_fitness()
    assert population.state().hall_of_fame == ()
    population.tell(fitnesses(population))
    assert len(population.state().hall_of_fame) == 1


@pytest.mark.parametrize("cards", [3, [], [None], [{}], [{"fitness": 1.0, "generation": 0}] * 9])
def test_a_hall_that_contradicts_the_genomes_is_refused(cards: object) -> None:
    from neuroevo.errors import StorageError
    from neuroevo.storage.state_arrays import pack_state

    arrays, content = pack_state(evolved(1).state())
    assert len(content["hall_of_fame"]) == 1
    with pytest.raises(StorageError, match=r"x\.npz: expected"):
        unpack_state("x.npz", arrays, {**content, "hall_of_fame": cards})

"""The numbers behind the pictures, against numbers worked out by hand."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from neuroevo.errors import StorageError
from neuroevo.neat.population import Population
from neuroevo.neat.settings import GenomeSettings, NeatSettings, StagnationSettings
from neuroevo.plots.complexity import complexity_data
from neuroevo.plots.endings import endings_data
from neuroevo.plots.fitness import fitness_data
from neuroevo.plots.records import summary
from neuroevo.plots.species import species_data
from neuroevo.plots.timing import time_data

ALL_DATA = (fitness_data, time_data, species_data, complexity_data, endings_data)


def record(generation: int, **changes: Any) -> dict[str, Any]:
    return {
        "generation": generation,
        "best_fitness": 10.0,
        "mean_fitness": 4.0,
        "fitness_stdev": 2.0,
        "fitness_quartiles": [3.0, 5.0],
        "best_ever_fitness": 12.0,
        "num_species": 1,
        "species": [{"id": 1, "size": 5}],
        "generation_seconds": 2.0,
        "evaluation_seconds": 1.5,
        "num_evaluations": 5,
        "num_frames": 300,
        "best_num_nodes": 7,
        "best_num_connections": 20,
        "mean_num_nodes": 6.5,
        "mean_num_connections": 18.25,
        "endings": {},
        "events": [],
        **changes,
    }


def test_fitness_columns_are_those_of_the_log() -> None:
    data = fitness_data([record(0), record(1, best_fitness=-3.5, fitness_quartiles=[-9, 1])])
    np.testing.assert_array_equal(data.generation, [0, 1])
    np.testing.assert_array_equal(data.best, [10.0, -3.5])
    np.testing.assert_array_equal(data.mean, [4.0, 4.0])
    np.testing.assert_array_equal(data.stdev, [2.0, 2.0])
    np.testing.assert_array_equal(data.quartiles, [[3.0, 5.0], [-9.0, 1.0]])
    np.testing.assert_array_equal(data.best_ever, [12.0, 12.0])


def test_null_and_infinite_numbers_become_unknown_instead_of_zero() -> None:
    data = fitness_data([record(0, best_ever_fitness=None, best_fitness=float("inf"))])
    assert np.isnan(data.best_ever[0])
    assert np.isnan(data.best[0])


def test_time_splits_a_generation_and_sums_the_run() -> None:
    log = [record(0), record(1, generation_seconds=4.0, evaluation_seconds=3.0, num_frames=900)]
    data = time_data(log)
    np.testing.assert_allclose(data.evaluation_seconds, [1.5, 3.0])
    np.testing.assert_allclose(data.rest_seconds, [0.5, 1.0])
    np.testing.assert_allclose(data.cumulative_seconds, [2.0, 6.0])
    assert data.frames_per_second == pytest.approx(1200 / 6)


def test_a_run_that_took_no_time_has_no_rate() -> None:
    assert np.isnan(
        time_data([record(0, generation_seconds=0, evaluation_seconds=0)]).frames_per_second
    )


def test_species_sizes_fill_one_column_per_id() -> None:
    log = [
        record(0, species=[{"id": 1, "size": 5}]),
        record(1, num_species=2, species=[{"id": 4, "size": 2}, {"id": 1, "size": 3}]),
        record(2, species=[{"id": 4, "size": 5}]),
    ]
    data = species_data(log)
    np.testing.assert_array_equal(data.species_ids, [1, 4])
    np.testing.assert_array_equal(data.sizes, [[5, 0], [3, 2], [0, 5]])
    np.testing.assert_array_equal(data.num_species, [1, 2, 1])


def test_species_events_are_told_apart() -> None:
    log = [
        record(3, events=["species 1 removed: no improvement since generation 0", "species fine"]),
        record(5, events=["population stagnant for 20 generations: only species 1 and 2 breed"]),
        record(6, events=["extinction: all 3 species were stagnant; started anew"]),
    ]
    data = species_data(log)
    np.testing.assert_array_equal(data.removed, [[3, 1]])
    np.testing.assert_array_equal(data.stagnations, [5])
    np.testing.assert_array_equal(data.extinctions, [6])


def test_species_events_of_a_real_population_are_recognised() -> None:
    """Guards the wording: the plots read what the population writes."""
    settings = NeatSettings(
        pop_size=10,
        reset_on_extinction=True,
        genome=GenomeSettings(num_inputs=2, num_outputs=1),
        stagnation=StagnationSettings(max_stagnation=2, species_elitism=0),
    )
    population = Population(settings, seed=1)
    log = []
    for generation in range(4):
        stats = population.tell(np.zeros(10))
        rows = [s._asdict() for s in stats.species]
        log.append(record(generation, events=list(stats.events), species=rows))
    data = species_data(log)
    assert data.extinctions.tolist() == [2]
    assert {g for g, _ in data.removed.tolist()} == {2}
    assert set(data.removed[:, 1].tolist()) == {row["id"] for row in log[2]["species"]}


def test_complexity_columns_are_those_of_the_log() -> None:
    data = complexity_data([record(0)])
    assert data.best_nodes.tolist() == [7.0]
    assert data.mean_nodes.tolist() == [6.5]
    assert data.best_connections.tolist() == [20.0]
    assert data.mean_connections.tolist() == [18.25]


def test_endings_become_fractions_and_a_generation_without_any_is_unknown() -> None:
    log = [record(0, endings={"won": 1, "died": 3}), record(1), record(2, endings={"died": 2})]
    data = endings_data(log)
    assert data.names == ("died", "won")
    np.testing.assert_allclose(data.fractions, [[0.75, 0.25], [np.nan, np.nan], [1.0, 0.0]])


def test_a_log_without_endings_has_no_names() -> None:
    data = endings_data([record(0), record(1)])
    assert data.names == ()
    assert data.fractions.shape == (2, 0)


def test_summary_adds_up_the_run_and_finds_its_first_best() -> None:
    log = [record(2, best_fitness=1.0), record(3, best_fitness=9.0), record(7, best_fitness=9.0)]
    totals = summary(log)
    assert dataclasses.astuple(totals) == (3, 15, 900, 6.0, 9.0, 3)


@pytest.mark.parametrize("data_of", ALL_DATA)
def test_an_empty_log_is_refused(data_of: Callable[..., Any]) -> None:
    with pytest.raises(StorageError, match="at least one generation"):
        data_of([])


@pytest.mark.parametrize("data_of", ALL_DATA)
def test_generations_that_do_not_ascend_are_refused(data_of: Callable[..., Any]) -> None:
    with pytest.raises(StorageError, match="must ascend; got 1 after 1"):
        data_of([record(0), record(1), record(1)])


def test_a_missing_key_is_named_with_its_generation() -> None:
    broken = record(8)
    del broken["mean_fitness"]
    with pytest.raises(StorageError, match=r"generation 8.*'mean_fitness'"):
        fitness_data([record(7), broken])


@pytest.mark.parametrize("wrong", ["12", True, [1]])
def test_a_value_that_is_no_number_is_refused(wrong: object) -> None:
    with pytest.raises(StorageError, match=r"generation 0.*'best_num_nodes' must be a number"):
        complexity_data([record(0, best_num_nodes=wrong)])


@pytest.mark.parametrize("wrong", [None, [1.0], 3.0])
def test_quartiles_that_are_not_two_numbers_are_refused(wrong: object) -> None:
    with pytest.raises(StorageError, match="must be two numbers"):
        fitness_data([record(0, fitness_quartiles=wrong)])

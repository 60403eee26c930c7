"""Gene attributes: how they start and how they mutate (neat-python's rules).

First genomes are drawn here, array by array; a child's attributes in ``kernels/attributes.py``,
gene by gene, with the same random numbers in the same order.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from neuroevo.neat.genome import flags_of, links_of
from neuroevo.neat.kernels import operators
from neuroevo.neat.kernels.arrays import (
    GENOME_PROB,
    HIGH,
    LOW,
    MEAN,
    MUTATE_RATE,
    POWER,
    REPLACE_RATE,
    STARTS_UNIFORM,
    STDEV,
    STEPS_UNIFORM,
    Scratch,
)
from neuroevo.neat.settings import (
    ChoiceAttributeSettings,
    EnabledSettings,
    FloatAttributeSettings,
)

Floats = npt.NDArray[np.float64]
Codes = npt.NDArray[np.uint8]
Flags = npt.NDArray[np.bool_]


def initial_floats(
    count: int, settings: FloatAttributeSettings, generator: np.random.Generator
) -> Floats:
    """Draw ``count`` initial values, (count,) float64 within the bounds."""
    if settings.init_type == "uniform":
        mean, width = settings.init_mean, 2 * settings.init_stdev
        low, high = max(settings.min_value, mean - width), min(settings.max_value, mean + width)
        return generator.uniform(low, high, count)
    return from_normals(generator.standard_normal(count), settings)


def from_normals(normals: Floats, settings: FloatAttributeSettings) -> Floats:
    """Return initial values within the bounds from standard normal numbers, of any shape."""
    values = settings.init_mean + settings.init_stdev * normals
    # A third of np.clip's time, of a few values.
    return np.minimum(np.maximum(values, settings.min_value), settings.max_value)


def mutated_floats(
    values: Floats, settings: FloatAttributeSettings, generator: np.random.Generator
) -> Floats:
    """Return (n,) values after mutation: each perturbed, drawn anew, or left alone.

    One uniform number decides for each value: below ``mutate_rate`` it is perturbed, below
    ``mutate_rate + replace_rate`` drawn anew.
    """
    result = values.copy()
    rule = float_rule(settings)
    operators.mutate_floats(result, rule, _scratch(result), generator)
    return result


def initial_codes(
    count: int,
    settings: ChoiceAttributeSettings,
    names: Sequence[str],
    generator: np.random.Generator,
) -> Codes:
    """Return ``count`` codes, indices into ``names``: the default, or random options."""
    if settings.default == "random":
        return _random_codes(count, settings, names, generator)
    return np.full(count, names.index(settings.default), dtype=np.uint8)


def mutated_codes(
    codes: Codes,
    settings: ChoiceAttributeSettings,
    names: Sequence[str],
    generator: np.random.Generator,
) -> Codes:
    """Return (n,) codes, each replaced by a random option with ``mutate_rate``."""
    result = codes.copy()
    options, rate = option_codes(settings, names), float(settings.mutate_rate)
    operators.mutate_codes(result, options, rate, _scratch(result), generator)
    return result


def _random_codes(
    count: int,
    settings: ChoiceAttributeSettings,
    names: Sequence[str],
    generator: np.random.Generator,
) -> Codes:
    options = [names.index(option) for option in settings.options]
    return np.array(options, dtype=np.uint8)[generator.integers(len(options), size=count)]


def initial_enabled(count: int, settings: EnabledSettings, generator: np.random.Generator) -> Flags:
    """Return ``count`` initial enabled flags."""
    if settings.default == "random":
        return generator.random(count) < 0.5
    return np.full(count, settings.default == "true")


def mutated_enabled(
    enabled: Flags, settings: EnabledSettings, generator: np.random.Generator
) -> Flags:
    """Return (n,) flags; a mutated flag becomes true or false with equal chance.

    ``rate_to_false_add`` is added to the rate of true flags, ``rate_to_true_add`` to that of
    false ones.
    """
    links = links_of(np.arange(len(enabled)), enabled)
    operators.mutate_flags(links, enabled_rule(settings), _scratch(links), generator)
    return flags_of(links)


def float_rule(settings: FloatAttributeSettings) -> Floats:
    """Return a row of :attr:`Rates.floats`, (10,) float64."""
    row = np.empty(10)
    row[MEAN], row[STDEV] = settings.init_mean, settings.init_stdev
    row[STARTS_UNIFORM] = settings.init_type == "uniform"
    row[REPLACE_RATE], row[MUTATE_RATE] = settings.replace_rate, settings.mutate_rate
    row[POWER], row[STEPS_UNIFORM] = settings.mutate_power, settings.mutate_type == "uniform"
    row[HIGH], row[LOW] = settings.max_value, settings.min_value
    row[GENOME_PROB] = settings.genome_mutate_prob
    return row


def enabled_rule(settings: EnabledSettings) -> Floats:
    """Return :attr:`Rates.enabled`, (4,) float64."""
    default = {"true": 1.0, "false": 0.0, "random": -1.0}[settings.default]
    return np.array(
        [default, settings.mutate_rate, settings.rate_to_true_add, settings.rate_to_false_add]
    )


def option_codes(settings: ChoiceAttributeSettings, names: Sequence[str]) -> Codes:
    """Return a row of :attr:`Rates.options`: (256,) uint8, how many codes, the codes, zeros."""
    row = np.zeros(256, dtype=np.uint8)
    row[0] = len(settings.options)
    row[1 : 1 + len(settings.options)] = [names.index(option) for option in settings.options]
    return row


def default_code(settings: ChoiceAttributeSettings, names: Sequence[str]) -> float:
    """Return the code of the default, -1 when it is random."""
    return -1.0 if settings.default == "random" else float(names.index(settings.default))


def _scratch(values: npt.NDArray[Any]) -> Scratch:
    """Return room to mutate all of the values."""
    size = len(values) + 1
    return Scratch(np.empty(size, np.uint32), np.empty(size, np.uint32), np.zeros(1, np.uint32))

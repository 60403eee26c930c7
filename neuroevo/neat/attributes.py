"""Gene attributes: how they start and how they mutate (neat-python's rules, on whole arrays)."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

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
    low, high = settings.min_value, settings.max_value
    mean, stdev = settings.init_mean, settings.init_stdev
    if settings.init_type == "uniform":
        return generator.uniform(max(low, mean - 2 * stdev), min(high, mean + 2 * stdev), count)
    return np.clip(mean + stdev * generator.standard_normal(count), low, high)


def mutated_floats(
    values: Floats, settings: FloatAttributeSettings, generator: np.random.Generator
) -> Floats:
    """Return (n,) values after mutation: each perturbed, drawn anew, or left alone.

    One uniform number decides for each value: below ``mutate_rate`` it is perturbed, below
    ``mutate_rate + replace_rate`` drawn anew.
    """
    if settings.mutate_rate + settings.replace_rate <= 0 or not len(values):
        return values
    if settings.genome_mutate_prob < 1 and generator.random() >= settings.genome_mutate_prob:
        return values
    draw = generator.random(len(values))
    is_perturbed = draw < settings.mutate_rate
    is_replaced = ~is_perturbed & (draw < settings.mutate_rate + settings.replace_rate)
    result = values.copy()
    steps = _steps(int(is_perturbed.sum()), settings, generator)
    result[is_perturbed] = np.clip(
        values[is_perturbed] + steps, settings.min_value, settings.max_value
    )
    result[is_replaced] = initial_floats(int(is_replaced.sum()), settings, generator)
    return result


def _steps(count: int, settings: FloatAttributeSettings, generator: np.random.Generator) -> Floats:
    power = settings.mutate_power
    if settings.mutate_type == "uniform":
        return generator.uniform(-power, power, count)
    return power * generator.standard_normal(count)


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
    if settings.mutate_rate <= 0:
        return codes
    is_mutated = generator.random(len(codes)) < settings.mutate_rate
    result = codes.copy()
    result[is_mutated] = _random_codes(int(is_mutated.sum()), settings, names, generator)
    return result


def _random_codes(
    count: int,
    settings: ChoiceAttributeSettings,
    names: Sequence[str],
    generator: np.random.Generator,
) -> Codes:
    options = np.array([names.index(option) for option in settings.options], dtype=np.uint8)
    return options[generator.integers(len(options), size=count)]


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
    extra = np.where(enabled, settings.rate_to_false_add, settings.rate_to_true_add)
    rates = settings.mutate_rate + extra
    if not len(enabled) or rates.max() <= 0:
        return enabled
    is_mutated = generator.random(len(enabled)) < rates
    result = enabled.copy()
    result[is_mutated] = generator.random(int(is_mutated.sum())) < 0.5
    return result

"""How attributes start and mutate, gene by gene; the rules are those of ``neat/attributes.py``."""

from __future__ import annotations

import numpy as np

from neuroevo.compiling import inner
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
    Codes,
    Floats,
    Links,
    Scratch,
)
from neuroevo.neat.kernels.draws import draw_below
from neuroevo.neat.kernels.links import flag_in, put_flag


@inner
def fresh_float(rule: Floats, generator: np.random.Generator) -> float:
    """Draw one initial value; ``rule`` is a row of ``Rates.floats``."""
    low, high = rule[LOW], rule[HIGH]
    mean, stdev = rule[MEAN], rule[STDEV]
    if rule[STARTS_UNIFORM]:
        return float(generator.uniform(max(low, mean - 2 * stdev), min(high, mean + 2 * stdev)))
    return float(min(max(mean + stdev * generator.standard_normal(), low), high))


@inner
def mutate_floats(
    values: Floats, start: int, count: int, rule: Floats, scratch: Scratch,
    generator: np.random.Generator,
) -> None:  # fmt: skip
    """Mutate values[start : start + count] in place.

    Args:
        values: (n,) float64.
        start: of the genome's values.
        count: of the genome's values.
        rule: (10,) float64, a row of ``Rates.floats``.
        scratch: room.
        generator: draws one uniform number per value, then the steps of those perturbed, then the
            values of those replaced.
    """
    rate = rule[MUTATE_RATE]
    either = rate + rule[REPLACE_RATE]
    if either <= 0 or count == 0:
        return
    if rule[GENOME_PROB] < 1 and generator.random() >= rule[GENOME_PROB]:
        return
    perturbed, replaced = scratch.first, scratch.second
    num_perturbed = np.uint64(0)
    num_replaced = np.uint64(0)
    for i in range(np.uint64(start), np.uint64(start + count)):
        draw = generator.random()
        # Written always, counted seldom: a branch on a random number would be guessed wrong.
        perturbed[num_perturbed] = i
        replaced[num_replaced] = i
        num_perturbed += np.uint64(draw < rate)
        num_replaced += np.uint64(rate <= draw < either)
    low, high, power = rule[LOW], rule[HIGH], rule[POWER]
    is_uniform = rule[STEPS_UNIFORM] != 0
    for k in range(num_perturbed):
        i = perturbed[k]
        if is_uniform:
            step = generator.uniform(-power, power)
        else:
            step = power * generator.standard_normal()
        values[i] = min(max(values[i] + step, low), high)
    for k in range(num_replaced):
        values[replaced[k]] = fresh_float(rule, generator)


@inner
def fresh_code(options: Codes, default: float, generator: np.random.Generator) -> int:
    """Return the default code, or if it is negative a random one of a row of ``Rates.options``."""
    if default >= 0:
        return int(default)
    return int(options[1 + draw_below(generator, np.int64(options[0]))])


@inner
def mutate_codes(
    codes: Codes, start: int, count: int, options: Codes, rate: float, scratch: Scratch,
    generator: np.random.Generator,
) -> None:  # fmt: skip
    """Replace each of codes[start : start + count] by a random option with a probability.

    Args:
        codes: (n,) uint8.
        start: of the genome's codes.
        count: of the genome's codes.
        options: (256,) uint8, a row of ``Rates.options``.
        rate: the probability.
        scratch: room.
        generator: draws one number per code, then the options.
    """
    if rate <= 0:
        return
    num_chosen = 0
    for i in range(start, start + count):
        scratch.first[num_chosen] = i
        num_chosen += generator.random() < rate
    for k in range(num_chosen):
        codes[scratch.first[k]] = options[1 + draw_below(generator, np.int64(options[0]))]


@inner
def fresh_flag(rule: Floats, generator: np.random.Generator) -> bool:
    """Return one initial enabled flag; ``rule`` is ``Rates.enabled``."""
    if rule[0] < 0:
        return generator.random() < 0.5
    return bool(rule[0] > 0)


@inner
def mutate_flags(
    links: Links, start: int, count: int, rule: Floats, scratch: Scratch,
    generator: np.random.Generator,
) -> None:  # fmt: skip
    """Enable or disable each of links[start : start + count] with the rate of what it is.

    Args:
        links: (n,) uint32.
        start: of the genome's links.
        count: of the genome's links.
        rule: (4,) float64, ``Rates.enabled``.
        scratch: room.
        generator: draws one number per link if any has a rate above 0, then the new values.
    """
    rate_of_false, rate_of_true = rule[1] + rule[2], rule[1] + rule[3]
    is_any = False
    for i in range(start, start + count):
        if (rate_of_true if flag_in(links[i]) else rate_of_false) > 0:
            is_any = True
            break
    if not is_any:
        return
    chosen = scratch.first
    num_chosen = np.uint64(0)
    for i in range(np.uint64(start), np.uint64(start + count)):
        chosen[num_chosen] = i
        rate = rate_of_true if flag_in(links[i]) else rate_of_false
        num_chosen += np.uint64(generator.random() < rate)
    for k in range(num_chosen):
        put_flag(links, chosen[k], generator.random() < 0.5)

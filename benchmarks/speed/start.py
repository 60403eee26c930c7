"""Whole processes: an XOR run beside neat-python's, and the time to the first frame.

Wall time of real commands, imports included. The cold kernel cache is an empty folder.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

from speed.measuring import ROOT, Row, Spread, side_by_side

ENVIRONMENT = {**os.environ, "PYTHONPATH": str(ROOT), "MPLBACKEND": "Agg"}
# Modules are compiled to bytecode once, as where they were installed; neat-python's are, too.
ENVIRONMENT.pop("PYTHONDONTWRITEBYTECODE", None)

SETTINGS = """
[NEAT]
fitness_criterion = max
fitness_threshold = 1e9
no_fitness_termination = True
pop_size = 150
reset_on_extinction = True
[DefaultStagnation]
species_fitness_func = max
max_stagnation = 20
species_elitism = 2
[DefaultReproduction]
elitism = 2
survival_threshold = 0.2
min_species_size = 2
[DefaultSpeciesSet]
compatibility_threshold = 3.0
[DefaultGenome]
num_inputs = 2
num_outputs = 1
num_hidden = 0
feed_forward = True
initial_connection = full_direct
conn_add_prob = 0.5
conn_delete_prob = 0.5
node_add_prob = 0.2
node_delete_prob = 0.2
single_structural_mutation = False
structural_mutation_surer = default
activation_default = sigmoid
activation_mutate_rate = 0.0
activation_options = sigmoid
aggregation_default = sum
aggregation_mutate_rate = 0.0
aggregation_options = sum
bias_init_mean = 0.0
bias_init_stdev = 1.0
bias_init_type = gaussian
bias_max_value = 30.0
bias_min_value = -30.0
bias_mutate_power = 0.5
bias_mutate_rate = 0.7
bias_replace_rate = 0.1
response_init_mean = 1.0
response_init_stdev = 0.0
response_init_type = gaussian
response_max_value = 30.0
response_min_value = -30.0
response_mutate_power = 0.0
response_mutate_rate = 0.0
response_replace_rate = 0.0
time_constant_init_mean = 1.0
time_constant_init_stdev = 0.0
time_constant_init_type = gaussian
time_constant_max_value = 30.0
time_constant_min_value = 0.1
time_constant_mutate_power = 0.0
time_constant_mutate_rate = 0.0
time_constant_replace_rate = 0.0
weight_init_mean = 0.0
weight_init_stdev = 1.0
weight_init_type = gaussian
weight_max_value = 30
weight_min_value = -30
weight_mutate_power = 0.5
weight_mutate_rate = 0.8
weight_replace_rate = 0.1
enabled_default = True
enabled_mutate_rate = 0.01
enabled_rate_to_true_add = 0.0
enabled_rate_to_false_add = 0.0
compatibility_disjoint_coefficient = 1.0
compatibility_weight_coefficient = 0.5
"""
"""neat-python's own XOR example; its files load here, too."""

OURS = """
import sys, time
began = time.perf_counter()
from pathlib import Path
from neuroevo import evolve
from neuroevo.config import load
class Nobody:
    def started(self, *a): pass
    def progress(self, *a): pass
    def generation(self, record): pass
    def event(self, text): pass
config = load(Path(sys.argv[1]), [
    "Task.name=xor", "Task.bias_input=none", "Run.workers=0", "Run.seed=1",
    "Run.generations=" + sys.argv[2], "Run.stop_when_solved=false", "Run.checkpoint_every=1000",
])
from neuroevo import warm_up
from neuroevo.network import batch, compile as network
network.warm_up()
batch.warm_up()
warm_up.warm_up()
warm_up.wait_for_breeding(lambda text: None)
ready = time.perf_counter()
evolve.start(config, Path(sys.argv[3]), Nobody())
print(ready - began, time.perf_counter() - ready)
"""

THEIRS = """
import sys, time
began = time.perf_counter()
import neat
CASES = [((0.0, 0.0), 0.0), ((0.0, 1.0), 1.0), ((1.0, 0.0), 1.0), ((1.0, 1.0), 0.0)]
def evaluate(genomes, config):
    for _, genome in genomes:
        network = neat.nn.FeedForwardNetwork.create(genome, config)
        error = sum(abs(network.activate(xs)[0] - y) for xs, y in CASES)
        genome.fitness = max(0.0, 4.0 - error) ** 2
ready = time.perf_counter()
config = neat.Config(
    neat.DefaultGenome, neat.DefaultReproduction, neat.DefaultSpeciesSet, neat.DefaultStagnation,
    sys.argv[1],
)
neat.Population(config, seed=1).run(evaluate, int(sys.argv[2]))
print(ready - began, time.perf_counter() - ready)
"""


def rows(*, is_quick: bool) -> Iterator[Row]:
    """Yield the rows of this group."""
    generations, rounds = (5, 1) if is_quick else (100, 5)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        settings = folder / "xor.cfg"
        settings.write_text(SETTINGS)
        yield from xor_run(settings, generations, rounds)
        yield first_frame("warm", 2.0, rounds)
        if not is_quick:
            yield first_frame("cold", 20.0, 2)


def xor_run(settings: Path, generations: int, rounds: int) -> Iterator[Row]:
    """Yield a run's whole process, and what it takes after the imports, beside neat-python's."""
    after: tuple[list[float], list[float]] = ([], [])

    def run(code: str, seconds: list[float]) -> float:
        run_directory = tempfile.mkdtemp(dir=settings.parent)
        words = [sys.executable, "-c", code, settings, str(generations), run_directory]
        began = time.perf_counter()
        shown = subprocess.run(
            words, capture_output=True, text=True, check=True, env=ENVIRONMENT
        ).stdout
        took = time.perf_counter() - began
        seconds.append(float(shown.splitlines()[-1].split()[1]))
        return took

    what = f"XOR, population 150, {generations} generations"
    yield side_by_side(
        f"{what}, whole process",
        lambda: run(OURS, after[0]),
        "neat-python, the same settings",
        lambda: run(THEIRS, after[1]),
        rounds=rounds,
        goal=1.0,
        clock="wall",
        note="imports, log, best genomes and the last checkpoint included",
    )
    ours, theirs = after[0][1:], after[1][1:]
    yield Row(
        f"{what}, after imports and loading of kernels",
        Spread.of(ours),
        len(ours),
        "neat-python, after its import",
        Spread.of(theirs),
        Spread.of([b / a for a, b in zip(ours, theirs, strict=True)]),
        goal=15.0,
        clock="wall",
        note="ours writes log, best genomes and the last checkpoint, theirs nothing",
    )


def first_frame(cache: str, goal: float, rounds: int) -> Row:
    """Return the seconds from the command to the first evaluation with 2 workers."""
    taken, said = [], ""
    for _ in range(rounds + (cache == "warm")):
        with tempfile.TemporaryDirectory() as name:
            environment = dict(ENVIRONMENT)
            if cache == "cold":
                environment["NUMBA_CACHE_DIR"] = f"{name}/kernels"
            seconds, said = until_started(Path(name) / "run", environment)
            taken.append(seconds)
    taken = taken[1:] if cache == "warm" else taken
    return Row(
        f"from `neuroevo evolve airstriker` to the first frame, 2 workers, {cache} kernel cache",
        Spread.of(taken),
        len(taken),
        goal=goal,
        is_limit=True,
        clock="wall",
        note=f"it says: {said}" if cache == "cold" else "",
    )


def until_started(run: Path, environment: dict[str, str]) -> tuple[float, str]:
    """Return the seconds until evaluation began, and the first line that was printed."""
    words = ["evolve", "airstriker", "--workers", "2", "--seed", "1", "--generations", "1"]
    small = ["--set", "NEAT.pop_size=4", "--set", "Fitness.max_frames=24"]
    began = time.time()
    with subprocess.Popen(
        [sys.executable, "-u", "-m", "neuroevo", *words, *small, "--out", run],
        stdout=subprocess.PIPE,
        text=True,
        env=environment,
    ) as process:
        assert process.stdout is not None
        # Said when the workers are ready and the first generation is about to be evaluated.
        lines = [(time.time() - began, line.strip()) for line in process.stdout]
    ready = next(seconds for seconds, line in lines if "generations 0 to 0" in line)
    return ready, lines[0][1]


if __name__ == "__main__":
    for row in rows(is_quick=False):
        print(row)

"""What holds for every test: threads, drawing without a screen, repeatable Hypothesis examples.

The environment is set before anything imports numba or matplotlib; worker processes inherit it.
"""

from __future__ import annotations

import os

from hypothesis import HealthCheck, settings

for _name in ("NUMBA_NUM_THREADS", "OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS"):
    os.environ.setdefault(_name, "1")
os.environ["MPLBACKEND"] = "Agg"

# The first example of a compiled function pays for its compilation, hence no deadline.
settings.register_profile(
    "ci",
    derandomize=True,
    deadline=None,
    database=None,
    print_blob=True,
    suppress_health_check=[HealthCheck.too_slow],
)
# To hunt for new failures: HYPOTHESIS_PROFILE=explore make test
settings.register_profile("explore", deadline=None, max_examples=2000)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "ci"))

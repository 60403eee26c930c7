"""The summary of a run: progress, best genome, species and endings, from its log."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from neuroevo.storage.record_shape import check_record
from neuroevo.storage.run_directory import RunDirectory
from neuroevo.storage.run_log import read_generations


def summarise(folder: Path) -> dict[str, Any]:
    """Return what a run is and how far it got, as JSON values.

    The best genome is that of the last stage of a curriculum, as in ``best/best.npz``: fitness in
    another stage is another quantity.

    Raises:
        StorageError: ``folder`` is no run directory, or its log is damaged.
    """
    run = RunDirectory.open(folder)
    records = read_generations(run.log)
    for number, record in enumerate(records, start=1):
        check_record(f"{run.log} line {number}", record)
    summary: dict[str, Any] = {"run": str(run.path), "num_generations": len(records)}
    if not records:
        return summary
    stage = records[-1].get("stage")
    comparable = [record for record in records if record.get("stage") == stage]
    best = max(comparable, key=lambda record: float(record["best_fitness"]))
    keys = ("generation", "best_fitness", "best_genome_id", "best_num_nodes",
            "best_num_connections", "best_metrics", "solved")  # fmt: skip
    if stage is not None:
        summary["stage"] = stage
    return summary | {
        "best": {key: best[key] for key in keys},
        "last": {k: records[-1][k] for k in ("best_fitness", "mean_fitness", "num_species")},
        "species": records[-1]["species"],
        "terms": _terms(best, records[-1]),
        "endings": records[-1]["endings"],
        "num_evaluations": sum(record["num_evaluations"] for record in records),
        "num_frames": sum(record["num_frames"] for record in records),
        "seconds": round(sum(record["generation_seconds"] for record in records), 1),
        "events": [e for r in records for e in (*r["events"], *(r.get("notices") or ()))][-10:],
    }


def _terms(best: dict[str, Any], last: dict[str, Any]) -> dict[str, dict[str, float | None]]:
    """Return what each term gave to the best genome, and to the last generation on average.

    Logs of older versions tell of no terms, and get {}.
    """
    return {
        name: {
            "best": best["best_metrics"].get(name),
            "last_mean": last.get("mean_metrics", {}).get(name),
        }
        for name in last.get("terms", [])
    }


def _term_lines(terms: dict[str, dict[str, float | None]]) -> list[str]:
    if not terms:
        return []
    lines = [f"terms        {'':18}{'best':>12}{'last mean':>12}"]
    for name, row in terms.items():
        cells = ("-" if value is None else f"{value:.6g}" for value in row.values())
        lines.append(f"             {name:18}" + "".join(f"{cell:>12}" for cell in cells))
    return lines


def summary_text(summary: dict[str, Any]) -> str:
    """Return a summary as lines for a person."""
    lines = [f"run          {summary['run']}", f"generations  {summary['num_generations']}"]
    if "best" not in summary:
        return "\n".join([*lines, "nothing evaluated yet"])
    best = summary["best"]
    metrics = ", ".join(f"{name} {value:g}" for name, value in best["best_metrics"].items())
    endings = ", ".join(f"{name} {count}" for name, count in summary["endings"].items())
    lines += [
        f"evaluations  {summary['num_evaluations']}, frames {summary['num_frames']}, "
        f"{summary['seconds']:.0f} s",
        *([f"stage        {summary['stage']}"] if "stage" in summary else []),
        f"best         {best['best_fitness']:g} in generation {best['generation']}, genome "
        f"{best['best_genome_id']} ({best['best_num_nodes']} nodes, "
        f"{best['best_num_connections']} enabled connections)"
        f"{', solved' if best['solved'] else ''}",
        f"             {metrics or 'no further metrics'}",
        f"last         best {summary['last']['best_fitness']:g}, "
        f"mean {summary['last']['mean_fitness']:g}; endings: {endings or 'none'}",
        *_term_lines(summary["terms"]),
        "species      id   age  size     fitness  stagnation",
    ]
    lines += [
        f"{s['id']:15d} {s['age']:5d} {s['size']:5d} {s['fitness']:11.5g} {s['stagnation']:11d}"
        for s in summary["species"]
    ]
    return "\n".join([*lines, *(f"event        {text}" for text in summary["events"])])

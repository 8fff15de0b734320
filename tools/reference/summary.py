"""Medians of the measurements on standard input, as a table or (argument `json`) as JSON.

Each line is {"name": ..., "result": what a run printed}. The last name is ours; the others are
compared with it.
"""

import json
import statistics
import sys


def read(lines):
    runs = {}
    for line in lines:
        entry = json.loads(line)
        runs.setdefault(entry["name"], []).append(entry["result"])
    return runs


def check_same_network(runs):
    counts = {name: results[0]["parameters"] for name, results in runs.items()}
    if len(set(counts.values())) > 1:
        sys.exit(f"not the same network: parameters {counts}")


def summarise(results):
    seconds = [result["step_s"] for result in results]
    median = statistics.median(seconds)
    summary = {
        **results[0],
        "step_s": median,
        "step_s_least": min(seconds),
        "step_s_most": max(seconds),
        "passages_per_s": results[0]["batch"] / median,
        "peak_memory_mb": max(result["peak_memory_mb"] for result in results),
    }
    for key in ("gflops", "gemm_ceiling_gflops", "fraction_of_ceiling"):
        if key in summary:
            summary[key] = statistics.median(result[key] for result in results)
    return summary


def table(summaries):
    ours = summaries[-1]
    yield f"{ours['parameters']} parameters, {ours['batch']} passages a step"
    titles = ("", "threads", "s a step", "least", "most", "passages/s", "MB", "times ours")
    yield "{:34}{:>9}{:>10}{:>9}{:>9}{:>12}{:>7}{:>12}".format(*titles)
    for s in summaries:
        version = f" ({s['torch']})" if "torch" in s else ""
        yield (
            f"{s['name'] + version:34}{s['threads']:9}{s['step_s']:10.3g}{s['step_s_least']:9.3g}"
            f"{s['step_s_most']:9.3g}{s['passages_per_s']:12.3g}{s['peak_memory_mb']:7.0f}"
            f"{s['times_ours']:12.2f}"
        )
    yield f"musicvae's share of the matrix ceiling: {ours['fraction_of_ceiling']:.2f}"


def main():
    runs = read(sys.stdin)
    check_same_network(runs)
    summaries = [{"name": name, **summarise(results)} for name, results in runs.items()]
    for summary in summaries:
        summary["times_ours"] = summary["step_s"] / summaries[-1]["step_s"]
    if sys.argv[1:] == ["json"]:
        print(json.dumps(summaries, indent=2))
    else:
        print("\n".join(table(summaries)))


if __name__ == "__main__":
    main()

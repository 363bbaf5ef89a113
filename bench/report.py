"""Writes the rows as bench/RESULTS.md."""

ORDER = ("devproxy", "nginx", "nginx-unbuffered", "haproxy", "haproxy-splice", "nghttpx", "relay")


def markdown(bench, rows):
    lines = ["# Results of the bench", "",
             f"Written by `{bench.command_line}` on {bench.date}; how to read it: [README.md](README.md).", ""]
    lines += [f"- Machine: {bench.machine}", f"- Versions: {bench.versions}",
              f"- Settings: {bench.settings}", f"- Noise: {bench.noise()}", ""]
    judged = [row for row in rows if row.reached() is not None]
    missed = [row.title for row in judged if not row.reached()]
    if judged:
        lines += [f"{len(judged) - len(missed)} of {len(judged)} targets reached"
                  + (f"; not reached: {'; '.join(missed)}." if missed else "."), ""]
    lines += ["## Targets", "", "| work | at most | measured | reached |", "|---|---|---|---|"]
    lines += [f"| {row.title} | {row.target()} | {row.result()} | {row.verdict()} |" for row in rows]
    shown = [name for name in ORDER if any(row.values.get(name) for row in rows)]
    lines += ["", "## Every candidate", "",
              "Median of the rounds (lowest-highest). The relay is the floor: it copies bytes and does no header job.", "",
              f"| row | unit | {' | '.join(shown)} |", "|---|---|" + "---|" * len(shown)]
    lines += [f"| {row.key} | {row.unit} | {' | '.join(row.cell(name) for name in shown)} |" for row in rows]
    remarks = [f"- {row.key}: {remark}" for row in rows for remark in row.remarks]
    if remarks:
        lines += ["", "## Remarks", "", "Load rows: throughput, and how busy the core of the proxy was.", "", *remarks]
    problems = [f"- {row.key}: {problem}" for row in rows for problem in row.problems]
    if problems:
        lines += ["", "## Problems: rows whose numbers do not count", "", *problems]
    return "\n".join(lines) + "\n"

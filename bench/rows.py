"""What one row of the results is, and the judgement of it."""

from dataclasses import dataclass, field
from statistics import median

from candidates import PEERS


@dataclass
class Row:
    """One line of the table: a measure, its target, and what each candidate needed in each round."""

    key: str
    title: str
    unit: str
    limit: float | None  # None: no target, shown for comparison
    relative: bool = False  # the limit is a ratio to the best peer
    values: dict[str, list[float]] = field(default_factory=dict)
    problems: list[str] = field(default_factory=list)  # whatever makes the number of devproxy, or its ratio, worthless
    remarks: list[str] = field(default_factory=list)  # worth knowing, such as what went wrong with a peer
    digits: int = 2

    def add(self, name, value):
        self.values.setdefault(name, []).append(value)

    def problem(self, name, text):
        """Something went wrong with a candidate. What a peer does wrong spoils a ratio, and nothing else."""
        found = self.problems if self.relative or name == "devproxy" else self.remarks
        if f"{name}: {text}" not in found:
            found.append(f"{name}: {text}")

    def median(self, name):
        return median(self.values[name]) if self.values.get(name) else None

    def best_peer(self):
        measured = [name for name in PEERS if self.values.get(name)]
        return min(measured, key=self.median) if measured else None

    def measured(self):
        """What is compared with the limit, or None when it was not measured."""
        own = self.median("devproxy")
        if own is None or not self.relative:
            return own
        best = self.best_peer()
        return own / self.median(best) if best else None

    def reached(self):
        """True, False, or None when there is nothing to judge."""
        if self.limit is None or self.measured() is None:
            return None
        return self.measured() <= self.limit and not self.problems

    def target(self):
        if self.limit is None:
            return "-"
        return f"{self.limit:.2f} x best peer" if self.relative else f"{self.limit:g} {self.unit}"

    def result(self):
        measured = self.measured()
        if measured is None:
            return "not measured"
        if not self.relative:
            return f"{measured:.{self.digits}f} {self.unit}"
        return f"{measured:.2f} x {self.best_peer()} ({self.median('devproxy'):.{self.digits}f} {self.unit})"

    def verdict(self):
        reached = self.reached()
        return "-" if reached is None else "yes" if reached else "**no**"

    def cell(self, name):
        """Median, and how far the rounds were apart."""
        values = self.values.get(name)
        if not values:
            return "-"
        text = f"{median(values):.{self.digits}f}"
        if len(values) > 1:
            text += f" ({min(values):.{self.digits}f}-{max(values):.{self.digits}f})"
        return text

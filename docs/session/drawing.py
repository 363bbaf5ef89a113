"""Terminals as lines that come one after another, and two ways to show them: a recording of asciinema's, and an animated SVG in
which every line stands once, appears at its time and is scrolled away with its pane."""
import json
import re
from html import escape

PIECES = re.compile(r"\x1b\[([0-9;?]*)([A-Za-z])|(\r?\n)|(\r)|([^\x1b\r\n]+)|(\x1b.?)")
COLOURS = {"1": "bold", "2": "dim", "31": "red", "32": "green", "33": "yellow", "35": "magenta", "36": "cyan"}
CODES = {style: code for code, style in COLOURS.items()}
STYLES = {"bold": "font-weight:bold", "dim": "fill:#8b949e", "red": "fill:#ff7b72", "green": "fill:#56d364", "yellow": "fill:#e3b341",
          "magenta": "fill:#d2a8ff", "cyan": "fill:#76e3ea"}


class Line:
    def __init__(self, at):
        self.at = at
        self.spans = []  # (style, text)
        self.typing = None  # (first column, from, to): this part comes letter by letter

    def add(self, style, text):
        if self.spans and self.spans[-1][0] == style:
            text = self.spans.pop()[1] + text
        self.spans.append((style, text))

    def width(self):
        return sum(len(text) for _, text in self.spans)

    def shown(self, at):
        """The spans as far as they are typed then."""
        if not self.typing or at >= self.typing[2]:
            return self.spans
        first, begin, end = self.typing
        left = first + max(0, int((self.width() - first) * (at - begin) / (end - begin)))
        spans = []
        for style, text in self.spans:
            spans.append((style, text[:left]))
            left -= min(left, len(text))
        return spans


class Pane:
    def __init__(self, rows, columns):
        self.rows, self.columns = rows, columns
        self.lines, self.style, self.fresh = [], "", True

    def text(self):
        return "\n".join("".join(text for _, text in line.spans) for line in self.lines)

    def line(self, at):
        if self.fresh or not self.lines:
            self.lines.append(Line(at))
            self.fresh = False
        return self.lines[-1]

    def prompt(self, at, words):
        self.fresh = True
        self.line(at).add("green", words)

    def typed(self, words, begin, end):
        line = self.lines[-1]
        first = line.width()
        line.add("dim" if words.startswith("#") else "bold", words)
        line.typing = (first, begin, end)
        self.fresh = True

    def feed(self, data, at):
        for codes, command, newline, back, text, _ in PIECES.findall(data):
            if command == "m":
                self.style = COLOURS.get(codes, "")
            elif newline:
                if self.fresh:
                    self.line(at)
                self.fresh = True
            elif back:
                self.line(at).spans.clear()
            elif text:
                self.put(text, at)

    def put(self, text, at):
        while text:
            line = self.line(at)
            room = self.columns - line.width()
            if room <= 0:
                self.fresh = True
                continue
            line.add(self.style, text[:room])
            text = text[room:]

    def visible(self, at):
        return [line for line in self.lines if line.at <= at][-self.rows:]


# ---- asciinema ----------------------------------------------------------------------------------

def row_text(spans):
    return "".join(f"\x1b[{CODES[style]}m{text}\x1b[0m" if style else text for style, text in spans)


def screen(panes, at):
    rows = []
    for number, pane in enumerate(panes):
        if number:
            rows.append("\x1b[2m" + "─" * pane.columns + "\x1b[0m")
        shown = [row_text(line.shown(at)) for line in pane.visible(at)]
        rows += shown + [""] * (pane.rows - len(shown))
    return rows


def moments(panes):
    times = {0.0}
    for pane in panes:
        for line in pane.lines:
            times.add(line.at)
            if line.typing:
                first, begin, end = line.typing
                letters = line.width() - first
                times.update(begin + (end - begin) * (i + 1) / letters for i in range(letters))
    return sorted(times)


def write_cast(path, panes, length):
    height = sum(pane.rows for pane in panes) + len(panes) - 1
    head = {"version": 2, "width": panes[0].columns, "height": height, "title": "devproxy: the life of a few projects"}
    with open(path, "w", encoding="utf-8") as file:
        file.write(json.dumps(head) + "\n")
        before = [None] * height
        for at in moments(panes):
            rows = screen(panes, at + 1e-6)
            data = "".join(f"\x1b[{i + 1};1H{row}\x1b[K" for i, row in enumerate(rows) if row != before[i])
            before = rows
            if data:
                file.write(json.dumps([round(at, 3), "o", data], ensure_ascii=False) + "\n")
        file.write(json.dumps([round(length, 3), "o", ""]) + "\n")


# ---- SVG ----------------------------------------------------------------------------------------

WIDTH, HEIGHT, MARGIN = 8.43, 18, 14  # of a letter; of a row


def number(value):
    return f"{value:.2f}".rstrip("0").rstrip(".")


class Drawing:
    def __init__(self, length):
        self.length, self.rules, self.names = length, [], {}

    def percent(self, at):
        return number(min(100.0, 100 * at / self.length)) + "%"

    def rule(self, frames, timing="step-end"):
        """A class that plays these key frames; the same for the same ones."""
        text = "".join(f"{when}{{{what}}}" for when, what in frames)
        if text not in self.names:
            name = self.names[text] = f"k{len(self.names)}"
            self.rules.append(f"@keyframes {name}{{{text}}}.{name}{{animation-name:{name};animation-timing-function:{timing}}}")
        return self.names[text]

    def spans(self, spans):
        """Words that stand below each other in a table begin where they should, whatever the font's width."""
        out, column = [], 0
        for style, text in spans:
            for word in re.finditer(r"\S+(?: \S+)*", text):
                x = number(MARGIN + (column + word.start()) * WIDTH)
                kind = f' class="{style}"' if style else ""
                out.append(f'<tspan x="{x}"{kind}>{escape(word.group(), quote=False)}</tspan>')
            column += len(text)
        return "".join(out)

    def line(self, line, y):
        parts = []
        if line.spans:
            parts.append(f'<text y="{y + 13}">{self.spans(line.spans)}</text>')
        if line.typing:
            first, begin, end = line.typing
            letters = line.width() - first
            far = f"transform:translateX({number(letters * WIDTH)}px)"
            moves = self.rule([("0%", "transform:none"),
                               (self.percent(begin), f"transform:none;animation-timing-function:steps({letters})"),
                               (self.percent(end), far + ";visibility:visible"), (self.percent(end + 0.05), far + ";visibility:hidden"),
                               ("100%", far + ";visibility:hidden")])
            x = number(MARGIN + first * WIDTH)
            width = number(letters * WIDTH + 2)
            parts.append(f'<g class="{moves}"><path class="cover" d="M{x} {y}h{width}v{HEIGHT}H{x}z"/>'
                         f'<path class="cursor" d="M{x} {y + 2}h7v14h-7z"/></g>')
        if not parts:
            return ""
        comes = self.rule([("0%", "opacity:0"), (self.percent(line.at), "opacity:1"), ("100%", "opacity:1")])
        return f'<g class="{comes}">{"".join(parts)}</g>'

    def pane(self, pane, top):
        frames, scrolled = [("0%", "transform:none")], 0
        for index, line in enumerate(pane.lines):
            if index >= pane.rows:
                scrolled = index + 1 - pane.rows
                when = self.percent(line.at)
                if frames[-1][0] == when:
                    frames.pop()
                frames.append((when, f"transform:translateY({-scrolled * HEIGHT}px)"))
        frames.append(("100%", frames[-1][1]))
        lines = "".join(self.line(line, index * HEIGHT) + "\n" for index, line in enumerate(pane.lines))
        return (f'<svg y="{top}" width="100%" height="{pane.rows * HEIGHT}"><g class="{self.rule(frames)}">\n{lines}</g></svg>')


def write_svg(path, panes, length):
    drawing = Drawing(length)
    body, top = [], MARGIN
    for index, pane in enumerate(panes):
        if index:
            body.append(f'<path class="rule" d="M0 {top + 8}h2000"/>')
            top += 16
        body.append(drawing.pane(pane, top))
        top += pane.rows * HEIGHT
    width, height = int(2 * MARGIN + panes[0].columns * WIDTH), top + MARGIN
    styles = "".join(f".{name}{{{rule}}}" for name, rule in STYLES.items())
    text = f"""<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" width="{width}" height="{height}">
<title>A recorded terminal session of devproxy: up, a second project, a worktree, a reload and a rollback, crashes, down</title>
<style>
text{{font:14px ui-monospace,SFMono-Regular,Menlo,Consolas,"DejaVu Sans Mono",monospace;fill:#e6edf3;white-space:pre}}
.back{{fill:#0d1117}}.cover{{fill:#0d1117}}.cursor{{fill:#8b949e}}.rule{{stroke:#30363d}}{styles}
g{{animation:0s infinite;animation-duration:{number(length)}s}}
{"".join(drawing.rules)}
</style>
<rect class="back" width="100%" height="100%" rx="8"/>
{chr(10).join(body)}
</svg>
"""
    with open(path, "w", encoding="utf-8") as file:
        file.write(text)

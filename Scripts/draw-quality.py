#!/usr/bin/env python3
"""Draws the figures of the held-back questions: draw-quality.py [.build/quality.json [docs/response-cache-curve.svg]].

The test QuestionQualityTests writes the figures. The picture needs no font and nothing else from outside, and brings
its own background, so that it can be read on a light page and on a dark one.
"""

import json
import sys
from pathlib import Path
from xml.sax.saxutils import escape

ROOT = Path(__file__).resolve().parent.parent
WIDTH, HEIGHT = 860, 400
TOP, BOTTOM = 84, 344
PANELS = {"recall": (58, 408), "wrong": (488, 838)}
FIRST, LAST, DEFAULT = 75, 99, 95

STYLE = """
  .card { fill: #ffffff; stroke: #d0d7de; }
  text { fill: #1f2328; font: 13px -apple-system, "Segoe UI", Helvetica, Arial, sans-serif; }
  .title { font-size: 15px; font-weight: 600; }
  .small { font-size: 12px; fill: #59636e; }
  .grid { stroke: #d8dee4; stroke-width: 1; }
  .default { stroke: #59636e; stroke-width: 1; stroke-dasharray: 2 3; }
  .line { fill: none; stroke-width: 2.5; stroke-linejoin: round; }
  .level { fill: none; stroke-width: 2; stroke-dasharray: 7 4; }
  .halo { paint-order: stroke; stroke: #ffffff; stroke-width: 4px; stroke-linejoin: round; }
  .cosine { stroke: #bc4c00; } .guarded { stroke: #0969da; } .text { stroke: #57606a; } .judge { stroke: #1a7f37; }
  text.cosine-text { fill: #bc4c00; } text.guarded-text { fill: #0969da; }
  text.text-text { fill: #57606a; } text.judge-text { fill: #1a7f37; }
  circle { stroke: none; } .cosine-dot { fill: #bc4c00; } .guarded-dot { fill: #0969da; }
  @media (prefers-color-scheme: dark) {
    .card { fill: #0d1117; stroke: #3d444d; }
    text { fill: #f0f6fc; } .small { fill: #9198a1; }
    .grid { stroke: #2a313a; } .default { stroke: #9198a1; } .halo { stroke: #0d1117; }
    .cosine { stroke: #f0883e; } .guarded { stroke: #58a6ff; } .text { stroke: #9198a1; } .judge { stroke: #3fb950; }
    text.cosine-text { fill: #f0883e; } text.guarded-text { fill: #58a6ff; }
    text.text-text { fill: #9198a1; } text.judge-text { fill: #3fb950; }
    .cosine-dot { fill: #f0883e; } .guarded-dot { fill: #58a6ff; }
  }
"""


class Panel:
    """One diagram: thresholds from left to right, a share of pairs from the bottom up."""

    def __init__(self, name: str, title: str, whole: int, highest: int, step: int):
        self.left, self.right = PANELS[name]
        self.whole, self.highest, self.step = whole, highest, step
        self.out = [f'<text class="title" x="{self.left - 34}" y="38">{escape(title)}</text>']
        self.axes()

    def x(self, threshold: float) -> float:
        return self.left + (threshold - FIRST) / (LAST - FIRST) * (self.right - self.left)

    def y(self, count: float) -> float:
        return BOTTOM - 100 * count / self.whole / self.highest * (BOTTOM - TOP)

    def axes(self) -> None:
        for percent in range(0, self.highest + 1, self.step):
            y = BOTTOM - percent / self.highest * (BOTTOM - TOP)
            self.out.append(f'<path class="grid" d="M{self.left} {y:.1f}H{self.right}"/>')
            label = f"{percent} %" if percent == self.highest else str(percent)
            self.out.append(f'<text class="small" x="{self.left - 8}" y="{y + 4:.1f}" text-anchor="end">{label}</text>')
        for threshold in (75, 80, 85, 90, 95, 99):
            x = self.x(threshold)
            self.out.append(f'<path class="grid" d="M{x:.1f} {BOTTOM}v5"/>')
            self.out.append(
                f'<text class="small" x="{x:.1f}" y="{BOTTOM + 19}" text-anchor="middle">0.{threshold}</text>'
            )
        x = self.x(DEFAULT)
        self.out.append(f'<path class="default" d="M{x:.1f} {TOP}V{BOTTOM}"/>')
        self.out.append(f'<text class="small" x="{x:.1f}" y="{TOP - 8}" text-anchor="middle">default</text>')
        middle = (self.left + self.right) / 2
        self.out.append(
            f'<text class="small" x="{middle}" y="{BOTTOM + 40}" text-anchor="middle">cosine at least</text>'
        )

    def line(self, name: str, points: list[tuple[int, int]]) -> None:
        path = " ".join(f"{self.x(threshold):.1f},{self.y(count):.1f}" for threshold, count in points)
        self.out.append(f'<polyline class="line {name}" points="{path}"/>')
        for threshold, count in points:
            if threshold == DEFAULT:
                x, y = self.x(threshold), self.y(count)
                self.out.append(f'<circle class="{name}-dot" cx="{x:.1f}" cy="{y:.1f}" r="4.5"/>')

    def level(self, name: str, count: int) -> None:
        self.out.append(f'<path class="level {name}" d="M{self.left} {self.y(count):.1f}H{self.right}"/>')

    def label(self, name: str, text: str, threshold: float, count: float, shift: float, anchor: str = "start") -> None:
        x, y = self.x(threshold), self.y(count) + shift
        self.out.append(
            f'<text class="halo {name}-text" x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}">{escape(text)}</text>'
        )

    def share(self, count: int) -> str:
        return f"{100 * count / self.whole:.0f} %"


def at(points: list[tuple[int, int]], threshold: int) -> int:
    return dict(points)[threshold]


def series(figures: dict, rule: str, side: str) -> list[tuple[int, int]]:
    return [(point["threshold"], point[rule][side]) for point in figures["curve"]]


def recall_panel(figures: dict) -> Panel:
    panel = Panel("recall", f"Answered, of {figures['same']} that mean the same", figures["same"], 100, 20)
    cosine, guarded = series(figures, "cosine", "right"), series(figures, "together", "right")
    text, judge = figures["text"]["right"], figures["verified"]["right"]
    panel.level("text", text)
    panel.level("judge", judge)
    panel.line("cosine", cosine)
    panel.line("guarded", guarded)
    panel.label("judge", f"steps 1 to 3, judge always right: {panel.share(judge)}", FIRST + 0.4, judge, -8)
    panel.label("text", f"step 1, text key: {panel.share(text)}", FIRST + 0.4, text, 18)
    panel.label("cosine", "cosine alone", 83, at(cosine, 83), 20, "end")
    panel.label("cosine", panel.share(at(cosine, DEFAULT)), DEFAULT + 0.5, at(cosine, DEFAULT), -8)
    panel.label("guarded", "steps 1 and 2: with guards", FIRST + 0.4, at(guarded, FIRST), -8)
    panel.label("guarded", panel.share(at(guarded, DEFAULT)), DEFAULT - 0.5, at(guarded, DEFAULT), 18, "end")
    return panel


def wrong_panel(figures: dict) -> Panel:
    whole = figures["different"]
    panel = Panel("wrong", f"Answered wrongly, of {whole} near misses", whole, 100, 20)
    cosine, guarded = series(figures, "cosine", "wrong"), series(figures, "together", "wrong")
    panel.line("cosine", cosine)
    panel.line("guarded", guarded)
    panel.label("cosine", "cosine alone", 83, at(cosine, 83), 20, "end")
    panel.label("cosine", panel.share(at(cosine, DEFAULT)), DEFAULT + 0.5, at(cosine, DEFAULT), -8)
    wrong = at(guarded, DEFAULT)
    panel.label(
        "guarded", f"steps 1 and 2: with guards, {wrong or 'none'} at the default", FIRST + 0.4, at(guarded, FIRST), -9
    )
    return panel


def main() -> None:
    source = Path(sys.argv[1]) if len(sys.argv) > 1 else ROOT / ".build/quality.json"
    target = Path(sys.argv[2]) if len(sys.argv) > 2 else ROOT / "docs/response-cache-curve.svg"
    figures = json.loads(source.read_text(encoding="utf-8"))["held-back"]
    panels = [recall_panel(figures), wrong_panel(figures)]
    body = "\n".join(line for panel in panels for line in panel.out)
    target.write_text(
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" width="{WIDTH}" height="{HEIGHT}" '
        'role="img" aria-label="Recall and wrong answers by threshold, for cosine alone and with guards">\n'
        f"<style>{STYLE}</style>\n"
        f'<rect class="card" x="0.5" y="0.5" width="{WIDTH - 1}" height="{HEIGHT - 1}" rx="8"/>\n{body}\n</svg>\n',
        encoding="utf-8",
    )


if __name__ == "__main__":
    main()

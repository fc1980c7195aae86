"""Pictures that move by themselves: SVG whose parts are seen from one beat to another, by its own style sheet alone."""

from __future__ import annotations

from dataclasses import dataclass, field

from glassnet.display.markup import Markup, element

__all__ = ["Scene"]


@dataclass
class Scene:
    """Elements, and in which beats each is seen."""

    beats: int
    parts: list[Markup] = field(default_factory=list)
    styles: dict[str, str] = field(default_factory=dict)

    def add(self, what: Markup, first: int = 0, last: int | None = None) -> None:
        """Show this from one beat to another; without an end, to the last."""
        last = self.beats - 1 if last is None else last
        if (first, last) == (0, self.beats - 1):
            self.parts.append(what)
            return
        name = f"seen-{first}-{last}"
        self.styles[name] = self._seen(name, first, last)
        self.parts.append(element("g", what, class_=name))

    def dot(self, path: str, beat: int, kind: str) -> None:
        """Let a point travel along a path while a beat lasts."""
        name = f"moving-{beat}"
        self.styles[name] = self._moving(name, beat)
        self.parts.append(element("circle", r=6, class_=f"dot {kind} {name}", style=f"offset-path: path('{path}')"))

    def _share(self, beat: float) -> str:
        return f"{100 * beat / self.beats:.2f}%"

    def _seen(self, name: str, first: int, last: int) -> str:
        rise, fall = first + 0.14, last + 1
        before = f"0%, {self._share(first)} {{ opacity: 0 }} " if first else ""
        leaving = f"{self._share(fall - 0.02)} {{ opacity: 1 }} {self._share(fall)}, 100% {{ opacity: 0 }}"
        after = leaving if last < self.beats - 1 else "100% { opacity: 1 }"
        start = self._share(rise) if first else "0%"
        hidden = f"@media (prefers-reduced-motion: reduce) {{ .{name} {{ display: none }} }}\n"
        still = "" if last == self.beats - 1 else hidden
        frames = f"{before}{start} {{ opacity: 1 }} {after}"
        return f"@keyframes {name} {{ {frames} }}\n.{name} {{ animation-name: {name} }}\n{still}"

    def _moving(self, name: str, beat: int) -> str:
        start, end = self._share(beat + 0.1), self._share(beat + 0.42)
        here, there = "offset-distance: 0%; opacity:", "offset-distance: 100%; opacity:"
        frames = (
            f"0%, {self._share(beat + 0.08)} {{ {here} 0 }} {start} {{ {here} 1 }} "
            f"{end} {{ {there} 1 }} {self._share(beat + 0.46)}, 100% {{ {there} 0 }}"
        )
        return f"@keyframes {name} {{ {frames} }}\n.{name} {{ animation-name: {name} }}\n"

"""Phrases as one minimal automaton: the language a recogniser searches, and the punctuation it gives back.

Every path from START to END is one phrase; its last arc is labelled "." or "?" instead of a word. An utterance is
one phrase or several in a row.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from functools import cache

from .phrases import Phrase

STOPS = (".", "?")
START, END = 0, 1

EPSILON = ""

Arcs = dict[str, int]
Nfa = list[list[tuple[str, int]]]
Slots = Mapping[str, "Automaton"]


class Automaton:
    """A deterministic acyclic automaton. ``arcs[state]`` maps a word to the next state."""

    def __init__(self, arcs: list[Arcs]) -> None:
        self.arcs = arcs

    @property
    def words(self) -> set[str]:
        """Every word on an arc."""
        return {word for arcs in self.arcs for word in arcs} - set(STOPS)

    def punctuate(self, words: list[str]) -> list[list[str]]:
        """*words* as the fewest phrases that make them up, each with its stop at the end.

        What follows the last whole phrase is left out: a cut-off phrase, or a breath heard as a word.
        """
        best: list[list[list[str]] | None] = [[], *(None for _ in words)]
        for begin in range(len(words)):
            before = best[begin]
            if before is None:
                continue
            for end, stop in self._ends(words, begin):
                known = best[end]
                if known is None or len(before) + 1 < len(known):
                    best[end] = [*before, [*words[begin:end], stop]]
        return next(phrases for phrases in reversed(best) if phrases is not None)

    def _ends(self, words: list[str], begin: int) -> Iterator[tuple[int, str]]:
        """Where a phrase that begins at *begin* may end, and its stop."""
        state = START
        for end in range(begin + 1, len(words) + 1):
            if words[end - 1] not in self.arcs[state]:
                return
            state = self.arcs[state][words[end - 1]]
            stop = next((stop for stop in STOPS if stop in self.arcs[state]), None)
            if stop:
                yield end, stop

    def to_fsg(self, name: str, another: float) -> str:
        """The automaton in Sphinx's FSG text format; *another* is the probability that a further phrase follows."""
        lines = [
            f"FSG_BEGIN {name}",
            f"NUM_STATES {len(self.arcs)}",
            f"START_STATE {START}",
            f"FINAL_STATE {END}",
        ]
        lines.append(f"TRANSITION {END} {START} {another}")
        for state, arcs in enumerate(self.arcs):
            for word, target in arcs.items():
                label = "" if word in STOPS else f" {word}"
                lines.append(f"TRANSITION {state} {target} 1.0{label}")
        return "\n".join([*lines, "FSG_END", ""])


def of_phrases(phrases: Iterable[Phrase], slots: Slots) -> Automaton:
    """The automaton of *phrases*, with one of *slots* in place of each slot."""
    nfa: Nfa = [[], []]
    for phrase in phrases:
        state = START
        for token in phrase.tokens:
            target = _new(nfa)
            if token.startswith("<"):
                _splice(nfa, state, target, slots[token.strip("<>")])
            else:
                nfa[state].append((token, target))
            state = target
        nfa[state].append(("?" if phrase.question else ".", END))
    return _minimal(_deterministic(nfa))


def _new(nfa: Nfa) -> int:
    nfa.append([])
    return len(nfa) - 1


def _splice(nfa: Nfa, begin: int, end: int, slot: Automaton) -> None:
    """Copies *slot* between two states; where it stops, an arc without a label leads to *end*."""
    base = len(nfa)
    nfa.extend([] for _ in slot.arcs)
    nfa[begin].append((EPSILON, base + START))
    for state, arcs in enumerate(slot.arcs):
        for word, target in arcs.items():
            nfa[base + state].append((EPSILON, end) if word in STOPS else (word, base + target))


def _deterministic(nfa: Nfa) -> list[Arcs]:
    """The subset construction. State 0 of the answer is the start, 1 the end; unreachable states are gone."""

    @cache
    def closure(state: int) -> frozenset[int]:
        inner = (closure(target) for word, target in nfa[state] if word == EPSILON)
        return frozenset({state}).union(*inner)

    numbers = {closure(START): START, frozenset({END}): END}
    table: list[Arcs] = [{}, {}]
    todo = [closure(START)]
    while todo:
        subset = todo.pop()
        reached: dict[str, set[int]] = defaultdict(set)
        for state in subset:
            for word, target in nfa[state]:
                if word != EPSILON:
                    reached[word] |= closure(target)
        for word, targets in reached.items():
            key = frozenset(targets)
            if key not in numbers:
                numbers[key] = len(table)
                table.append({})
                todo.append(key)
            table[numbers[subset]][word] = numbers[key]
    return table


def _minimal(table: list[Arcs]) -> Automaton:
    """Merges states with the same future, deepest first; the automaton has no cycles."""
    merged: dict[int, int] = {}
    known: dict[tuple[tuple[str, int], ...], int] = {}

    def merge(state: int) -> int:
        if state not in merged:
            future = tuple(sorted((word, merge(target)) for word, target in table[state].items()))
            merged[state] = known.setdefault(future, state)
        return merged[state]

    merge(START)
    kept = {START: START, END: END}
    for state in sorted(set(merged.values()) - {START, END}):
        kept[state] = len(kept)
    arcs: list[Arcs] = [{} for _ in kept]
    for state, number in kept.items():
        arcs[number] = {word: kept[merged[target]] for word, target in table[state].items()}
    return Automaton(arcs)

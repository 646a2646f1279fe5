"""OpenAI's voices and the espeak voices that stand for them.

All speak American English, whose sounds the recogniser's dictionary describes, at a pace a telephone carries well;
they differ in timbre, pitch and pace.
"""

from __future__ import annotations

from .espeak import Voice

VOICES = {
    "alloy": Voice("en-us", 142, 45, 45),
    "ash": Voice("en-us+m3", 140, 38, 40),
    "ballad": Voice("en-us+m1", 136, 42, 55),
    "cedar": Voice("en-us+m4", 138, 32, 40),
    "coral": Voice("en-us+f2", 142, 55, 50),
    "echo": Voice("en-us+m7", 144, 50, 45),
    "fable": Voice("en-us+f3", 138, 48, 55),
    "marin": Voice("en-us+f4", 140, 50, 45),
    "nova": Voice("en-us+f1", 144, 58, 55),
    "onyx": Voice("en-us+m2", 138, 25, 35),
    "sage": Voice("en-us+f2", 136, 42, 40),
    "shimmer": Voice("en-us+f1", 140, 68, 50),
    "verse": Voice("en-us+m3", 145, 52, 55),
}
DEFAULT = VOICES["alloy"]

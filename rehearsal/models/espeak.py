"""libespeak-ng through ctypes: text in, 16-bit samples out.

The library keeps global state and is not re-entrant (espeak-ng, ``speak_lib.h``), so every call holds one lock.
ctypes releases the GIL while the library works.
"""

from __future__ import annotations

import ctypes
import threading
from dataclasses import dataclass
from functools import cache

import espeakng_loader
import numpy as np
from numpy.typing import NDArray

Samples = NDArray[np.float32]

# espeak-ng/speak_lib.h
AUDIO_OUTPUT_RETRIEVAL = 1
RATE, VOLUME, PITCH, RANGE, WORDGAP = 1, 2, 3, 4, 7
CHARS_UTF8 = 1

_Callback = ctypes.CFUNCTYPE(ctypes.c_int, ctypes.POINTER(ctypes.c_short), ctypes.c_int, ctypes.c_void_p)


class SpeechError(RuntimeError):
    """espeak-ng refused; the message says at what."""


@dataclass(frozen=True)
class Voice:
    """How a voice sounds: espeak's language and variant, words a minute, pitch and its range 0-100, gap in 10 ms."""

    variant: str
    words_per_minute: int = 145
    pitch: int = 45
    pitch_range: int = 45
    word_gap: int = 0


class Espeak:
    """The one synthesiser of this process. `rate` is its sampling rate in Hz."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._pieces: list[bytes] = []
        self._library = ctypes.CDLL(espeakng_loader.get_library_path())
        self.rate = int(
            self._library.espeak_Initialize(
                AUDIO_OUTPUT_RETRIEVAL, 0, espeakng_loader.get_data_path().encode(), 0
            )
        )
        if self.rate <= 0:
            raise SpeechError("espeak-ng could not be initialised")
        self._callback = _Callback(self._collect)  # kept: the library holds only a pointer to it
        self._library.espeak_SetSynthCallback(self._callback)

    def say(self, text: str, voice: Voice, speed: float = 1.0) -> Samples:
        """*text* spoken by *voice*, samples of -1..1 at `rate`. Blocks; any thread may call it."""
        with self._lock:
            self._pieces.clear()
            if self._library.espeak_SetVoiceByName(voice.variant.encode()) != 0:
                raise SpeechError(f"espeak-ng has no voice {voice.variant!r}")
            self._set(RATE, round(max(80, min(450, voice.words_per_minute * speed))))
            self._set(PITCH, voice.pitch)
            self._set(RANGE, voice.pitch_range)
            self._set(WORDGAP, voice.word_gap)
            data = text.encode() + b"\0"
            if self._library.espeak_Synth(data, len(data), 0, 1, 0, CHARS_UTF8, None, None) != 0:
                raise SpeechError("espeak-ng could not speak")
            self._library.espeak_Synchronize()
            samples = np.frombuffer(b"".join(self._pieces), np.int16).astype(np.float32)
            return samples / np.float32(32768)

    def _set(self, parameter: int, value: int) -> None:
        self._library.espeak_SetParameter(parameter, value, 0)

    def _collect(self, samples: ctypes._Pointer[ctypes.c_short], count: int, events: int | None) -> int:
        if samples and count:
            self._pieces.append(ctypes.string_at(samples, count * 2))
        return 0


@cache
def espeak() -> Espeak:
    """This process's synthesiser, loaded at the first call."""
    return Espeak()

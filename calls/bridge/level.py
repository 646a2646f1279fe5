"""Is anything to be heard?"""

from calls.bridge.mulaw import Samples

# -42 dB of full scale: below it is the hiss of a codec, above it the end of a word.
QUIET = 256


def audible(samples: Samples) -> bool:
    return bool(len(samples)) and bool(samples.max() >= QUIET or samples.min() <= -QUIET)

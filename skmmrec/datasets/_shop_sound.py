"""Sounds of invented products, such as the jingle of a toy.

A style of sound is a register, a rhythm and a timbre. Styles share registers, rhythms
and timbres with each other, so that only together do they tell the style; the tune, the
exact pitch, the loudness and the background noise differ from product to product.
"""

import io

import numpy as np
import soundfile

_RATE = 8000  # samples in a second
_SAMPLES = 4000

_REGISTERS = (170.0, 320.0, 600.0, 1130.0)  # Hz
_RHYTHMS = (1, 3, 6)  # notes in a sound
_TIMBRES = (  # weights of the harmonics, from the first on
    (1.0, 0.25, 0.06, 0.02, 0.0),  # soft
    (1.0, 0.0, 0.7, 0.0, 0.5),  # hollow, as a clarinet
    (0.6, 1.0, 0.8, 0.7, 0.5),  # bright
)
_STEPS = (0, 2, 4, 7)  # semitones above the lowest note of a tune


def _note(frequency, timbre, n_samples, random):
    """One note that starts at once and fades: (n_samples,)."""
    time = np.arange(n_samples) / _RATE
    harmonics = np.arange(1, len(timbre) + 1) * frequency
    weights = np.where(harmonics < _RATE / 2, timbre, 0.0)  # higher ones would fold
    weights = weights * random.uniform(0.8, 1.2, size=len(timbre))
    wave = weights @ np.sin(2 * np.pi * harmonics[:, None] * time)
    attack = np.minimum(time / 0.008, 1.0)
    return wave * attack * np.exp(-time * random.uniform(4.0, 9.0))


def _tune(style, random):
    """Notes of equal length in the register of the style: (n_samples,)."""
    register = _REGISTERS[style % 4] * 2 ** random.uniform(-0.25, 0.1)
    n_notes = _RHYTHMS[style % 3]
    pitches = register * 2 ** (random.choice(_STEPS, size=n_notes) / 12)
    ends = np.linspace(0, _SAMPLES, n_notes + 1).astype(int)
    notes = [
        _note(pitch, _TIMBRES[style // 4], n_samples, random)
        for pitch, n_samples in zip(pitches, np.diff(ends))
    ]
    return np.concatenate(notes)


def play(style, random):
    """A sound of half a second as the bytes of a WAV file.

    Parameters
    ----------
    style : int
    random : RandomState

    Returns
    -------
    sound : bytes
        One channel of 16 bits at 8 kHz.
    """
    tune = _tune(style, random)
    tune *= random.uniform(0.4, 0.8) / np.abs(tune).max()
    tune += random.uniform(0.002, 0.03) * random.standard_normal(len(tune))
    samples = np.round(tune.clip(-1, 1) * 32767).astype(np.int16)
    file = io.BytesIO()
    soundfile.write(file, samples, _RATE, format="WAV", subtype="PCM_16")
    return file.getvalue()

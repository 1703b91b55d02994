"""Models as folders that can be opened without running code.

A model's structure goes through skops, which names every type before it makes one;
large arrays become .npy files, which can be memory-mapped; ids and other plain data
become JSON; a manifest vouches for all by their hashes.
"""

from skmmrec.persistence._errors import ModelFileError
from skmmrec.persistence._load import load
from skmmrec.persistence._save import save

__all__ = ["ModelFileError", "load", "save"]

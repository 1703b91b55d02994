"""Texts by how they are punctuated."""

from skmmrec import BaseEncoder


class PunctuationEncoder(BaseEncoder):
    """Encode a text as the share of its characters that are each of some marks.

    Parameters
    ----------
    marks : str, default="!?.,;:"
    store : EmbeddingStore, str or None, default=None
        Where features are kept from call to call.
    """

    _in_files = False

    def __init__(self, marks="!?.,;:", store=None):
        self.marks = marks
        self.store = store

    def _width(self):
        return len(self.marks)

    def _encode(self, batch):
        return [[text.count(m) / len(text) for m in self.marks] for text in batch]

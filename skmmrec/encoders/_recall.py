"""Encode what a store does not have, read the rest, and share the work with others."""

import time
import warnings
from contextlib import suppress
from functools import partial
from uuid import uuid4

import numpy as np

from skmmrec.encoders._contents import FileContents, contents_of
from skmmrec.encoders._fingerprint import fingerprint
from skmmrec.encoders._store import StoreError

FLUSH_SECONDS = 1.0  # so much work is lost at most when the process is killed
FLUSH_VECTORS = 1024
CLAIM_BATCHES = 4
WAIT_SECONDS, MOST_WAIT_SECONDS = 0.05, 1.0


class _Shelf:
    """The part of a store that is for one encoder.

    When the store fails, as on a full disk, there is one warning, and encoding goes on
    without it: what was encoded in an hour is not lost for want of a place to keep it.
    """

    def __init__(self, store, encoder):
        self._store = store
        self._encoder = encoder
        self._stamp = encoder._stamp()
        self._key = fingerprint(encoder)
        self._width = encoder._n_features_out
        self._owner = uuid4().hex
        self._works = True

    def _try(self, call, otherwise):
        if self._works:
            try:
                return call()
            except StoreError as error:
                self._works = False
                warnings.warn(f"{error} Encoding goes on without it.", stacklevel=5)
        return otherwise

    def get(self, contents):
        call = partial(self._store.get, self._key, contents, self._width)
        return self._try(call, (None, np.zeros(len(contents), dtype=bool)))

    def put(self, contents, vectors):
        # other weights in the folder of the model: whose vectors are these?
        if self._encoder._stamp() == self._stamp:
            self._try(partial(self._store.put, self._key, contents, vectors), None)

    def claim(self, contents):
        everything = np.ones(len(contents), dtype=bool)
        call = partial(self._store.claim, self._key, contents, self._width, self._owner)
        return self._try(call, everything)

    def release(self, contents):
        with suppress(StoreError):  # also where the store has failed before
            self._store.release(self._key, contents)


class Recall:
    """Vectors of distinct values, from a store where it has them.

    Parameters
    ----------
    store : EmbeddingStore
    encoder : BaseEncoder
    values : list of length n
    rows : list of int of length n
        For messages.

    Attributes
    ----------
    features : ndarray of float32 of shape (n, n_features_out)
    failures : list of Exception
        Of values that could not be encoded, where the encoder does not raise; after
        `run`.
    """

    def __init__(self, store, encoder, values, rows):
        self._encoder, self._values, self._rows = encoder, values, rows
        self._files = FileContents(store, encoder)
        self._shelf = _Shelf(store, encoder)
        self._contents = contents_of(values, rows, encoder, self._files)
        self._failed = {  # place -> error
            place: content
            for place, content in enumerate(self._contents)
            if isinstance(content, Exception)
        }
        if self._failed and encoder._raises:
            raise next(iter(self._failed.values()))
        shape = len(values), encoder._n_features_out
        self.features = np.full(shape, np.nan, dtype=np.float32)

    def run(self, advance):
        """Read, encode and remember until all is there.

        Parameters
        ----------
        advance : callable
            Of the progress bar.
        """
        firsts = {}  # equal contents under several names are encoded once
        for place, content in enumerate(self._contents):
            if isinstance(content, bytes):
                firsts.setdefault(content, place)
        todo = list(firsts.values())
        wait = WAIT_SECONDS
        while todo:
            vectors, found = self._shelf.get([self._contents[p] for p in todo])
            if found.any():
                self.features[np.array(todo)[found]] = vectors[found]
            del vectors
            advance(int(found.sum()))
            todo = [place for place, hit in zip(todo, found) if not hit]
            if todo:
                done = self._encode(todo, advance)
                if not done:  # others are at all that is left
                    time.sleep(wait)
                    wait = min(2 * wait, MOST_WAIT_SECONDS)
                todo = [place for place in todo if place not in done]
        for place, content in enumerate(self._contents):
            first = firsts.get(content, place)
            if first != place:
                self.features[place] = self.features[first]
                if first in self._failed:
                    self._failed[place] = self._failed[first]
                advance(1)
        self.failures = [self._failed[place] for place in sorted(self._failed)]

    def _encode(self, todo, advance):
        """Encode what nobody else is at; the places that are done."""
        claimed, done, fresh = set(), set(), []
        todo = self._encoder._in_order(self._values, todo)
        batches = self._encoder._encoded(
            self._values, self._rows, self._claim(todo, claimed), len(todo)
        )
        flushed = time.monotonic()
        try:
            for places, vectors, errors in batches:
                self.features[places] = vectors
                fresh += places
                done.update(places, errors)
                self._failed.update(errors)
                advance(len(places) + len(errors))
                is_late = time.monotonic() - flushed > FLUSH_SECONDS
                if is_late or len(fresh) >= FLUSH_VECTORS:
                    self._keep(fresh)
                    fresh, flushed = [], time.monotonic()
        finally:
            batches.close()
            self._keep(fresh)
            if claimed:
                self._shelf.release([self._contents[place] for place in claimed])
        return done

    def _claim(self, todo, claimed):
        """Places to encode, claimed shortly before it is their turn."""
        n_claimed = CLAIM_BATCHES * self._encoder._n_in_batch
        for start in range(0, len(todo), n_claimed):
            places = todo[start : start + n_claimed]
            mine = self._shelf.claim([self._contents[place] for place in places])
            places = [place for place, is_mine in zip(places, mine) if is_mine]
            claimed.update(places)
            yield from places

    def _keep(self, places):
        """Remember vectors, unless the file was replaced while it was read."""
        places = [p for p in places if self._files.is_unchanged(self._values[p])]
        if places:
            self._shelf.put([self._contents[p] for p in places], self.features[places])

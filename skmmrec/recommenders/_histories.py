"""Histories in the order of their events, cut into windows that a network reads."""

import numpy as np

from skmmrec._sparse import positions


class Histories:
    """The events of all users, one history after the other, each in order.

    Parameters
    ----------
    H, times : csr_array of shape (n_users, n_items)
        Weights of the events, and their times at the same places.
    max_length : int
        Events of a window, at most: a longer history has several, counted from its end.

    Attributes
    ----------
    users, items, places : ndarray of int of shape (n_events,)
        Of each event; `places` says where in ``H.data`` it is.
    window : ndarray of int of shape (n_events,)
        Number of the window that the event is in.
    first, lengths : ndarray of int of shape (n_windows,)
        First event of each window, and how many there are.
    last : ndarray of int of shape (n_users with events,)
        The last event of each user.
    """

    def __init__(self, H, times, max_length):
        self.users, columns = positions(H)
        self.places = np.lexsort((times.data, self.users))
        self.items = columns[self.places].astype(np.int64)
        events, end = np.arange(H.nnz), H.indptr[1:][self.users]
        first = (end - events) % max_length == 0  # as many are left as windows hold
        first |= events == H.indptr[:-1][self.users]
        self.window = np.cumsum(first) - 1
        self.first = np.flatnonzero(first)
        self.lengths = np.diff(self.first, append=H.nnz)
        self.last = np.flatnonzero(events == end - 1)

    def events(self, windows):
        """Events of some windows, (sum of lengths,), and the lengths, (n_windows,)."""
        first, lengths = self.first[windows], self.lengths[windows]
        shift = first - (np.cumsum(lengths) - lengths)
        return np.repeat(shift, lengths) + np.arange(lengths.sum()), lengths

    @property
    def continued(self):
        """Events that another one of the user follows."""
        return np.setdiff1d(np.arange(len(self.users)), self.last)

"""One row of numbers for each item (or user), modality beside modality."""

from dataclasses import dataclass

import numpy as np

from skmmrec._checks import as_numbers, as_places
from skmmrec._quote import quoted


def _as_matrices(blocks):
    """Matrices of modalities, {name: float32 (n, d_m)}."""
    if not isinstance(blocks, dict) or not blocks:
        raise ValueError(
            f"blocks must be a dict of one modality or more; got {quoted(blocks)}; "
            f"write {{'text': matrix}}."
        )
    with np.errstate(over="ignore"):  # what becomes infinite is refused as such
        return {
            name: as_numbers(block, f"The block {quoted(name)}", 2).astype(np.float32)
            for name, block in blocks.items()
        }


@dataclass(frozen=True, eq=False)
class FeatureTable:
    """Features of the items or of the users, after encoding and fusion.

    Parameters
    ----------
    values : ndarray of float32 of shape (n, d), C-contiguous
        One row for each item or user. A block that a row does not have is zero, the
        value that takes no part in an inner product.
    blocks : dict of {str: slice}
        Which columns each modality takes.
    present : ndarray of bool of shape (n, n_modalities)
        Which modality each row has, in the order of `blocks`.

    Examples
    --------
    >>> import numpy as np
    >>> from skmmrec.data import FeatureTable
    >>> table = FeatureTable.from_blocks({"text": np.array([[1.0, 2.0], [np.nan] * 2])})
    >>> table.present.tolist()
    [[True], [False]]
    """

    values: np.ndarray
    blocks: dict
    present: np.ndarray

    def __post_init__(self):
        values, present, blocks = self.values, self.present, self.blocks
        if not (
            isinstance(blocks, dict)
            and all(isinstance(columns, slice) for columns in blocks.values())
            and isinstance(values, np.ndarray)
            and values.ndim == 2
            and isinstance(present, np.ndarray)
            and present.shape == (len(values), len(blocks))
        ):
            raise ValueError(
                f"A FeatureTable must have values (n, d), slices of them by name and "
                f"present (n, n_modalities); got {quoted(values)}, {quoted(blocks)} "
                f"and {quoted(present)}; use FeatureTable.from_blocks."
            )

    @classmethod
    def from_blocks(cls, blocks):
        """Join matrices of modalities; a row with a NaN lacks that modality.

        Parameters
        ----------
        blocks : dict of {str: array-like of shape (n, d_m)}

        Returns
        -------
        table : FeatureTable of shape (n, sum of d_m)

        Raises
        ------
        ValueError
            If there is none, the matrices differ in their number of rows, or they hold
            infinite values.
        TypeError
            If they are no matrices of numbers.
        """
        matrices = _as_matrices(blocks)
        sizes = {name: len(matrix) for name, matrix in matrices.items()}
        if len(set(sizes.values())) > 1:
            raise ValueError(
                f"All modalities must have one row for each item; got {sizes} rows; "
                f"encode the same table in every branch."
            )
        for name, matrix in matrices.items():
            if np.isinf(matrix).any():
                raise ValueError(
                    f"The features of {name!r} must be finite in float32; got an "
                    f"infinite value in row {np.argwhere(np.isinf(matrix))[0][0]}; "
                    f"scale or clip them."
                )
        slices, start = {}, 0
        for name, matrix in matrices.items():
            slices[name] = slice(start, start + matrix.shape[1])
            start += matrix.shape[1]
        present = np.column_stack(
            [~np.isnan(matrix).any(axis=1) for matrix in matrices.values()]
        )
        values = np.empty((len(present), start), dtype=np.float32)
        for (name, matrix), has in zip(matrices.items(), present.T):
            values[:, slices[name]] = np.where(has[:, None], matrix, 0)
        return cls(values, slices, present)

    @classmethod
    def missing(cls, n, blocks):
        """A table of rows without any modality.

        Parameters
        ----------
        n : int
        blocks : dict of {str: slice}

        Returns
        -------
        table : FeatureTable of n rows
        """
        width = max((columns.stop for columns in blocks.values()), default=0)
        values = np.zeros((n, width), dtype=np.float32)
        return cls(values, blocks, np.zeros((n, len(blocks)), dtype=bool))

    @property
    def shape(self):
        """(n, d)."""
        return self.values.shape

    def __len__(self):
        return len(self.values)

    def __repr__(self):
        parts = ", ".join(
            f"{name}: {columns.stop - columns.start} columns, {share:.0%} of rows"
            for (name, columns), share in zip(
                self.blocks.items(), self.present.sum(axis=0) / max(1, len(self))
            )
        )
        return f"FeatureTable of {len(self)} rows ({parts})"

    def block(self, name):
        """Values of one modality, (n, d_m); a view."""
        return self.values[:, self.blocks[name]]

    def take(self, rows):
        """The given rows; a row of -1 has no modality at all.

        Parameters
        ----------
        rows : ndarray of int of shape (m,)

        Returns
        -------
        table : FeatureTable of m rows
        """
        rows = as_places(rows, len(self), "rows") if len(self) else np.asarray(rows)
        known = rows >= 0
        if not len(self):
            return self.missing(len(rows), self.blocks)
        values, present = self.values[rows], self.present[rows]
        values[~known], present[~known] = 0, False
        return FeatureTable(values, self.blocks, present)


def center(table):
    """Mean of each column over the rows that have it, (d,)."""
    mean = np.zeros(table.shape[1], dtype=np.float32)
    for (name, columns), has in zip(table.blocks.items(), table.present.T):
        if has.any():
            mean[columns] = table.block(name)[has].mean(axis=0, dtype=np.float64)
    return mean


def features_of(X, on):
    """The encoded table of items or users of an Interactions, or None."""
    table = X.table(on)
    return table if isinstance(table, FeatureTable) else None

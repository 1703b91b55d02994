"""What holds for every retriever: it follows a matrix that changes."""

import numpy as np


def _matrix(n, random_state):
    return np.random.default_rng(random_state).standard_normal((n, 8)).astype("f4")


def _nearest(matrix, queries, k):
    """Rows of the largest inner products, by their whole matrix."""
    return np.argsort(-(queries @ matrix.T), axis=1, kind="stable")[:, :k]


def _recall(found, expected):
    return np.mean([np.isin(*pair) for pair in zip(expected, found)])


def check_follows_a_matrix(name, retriever):
    """Adding, changing and removing rows are those of an array, in any order.

    19 of 20 that are best must be found, and their products be right.
    """
    matrix, queries = _matrix(200, 0), _matrix(20, 1)
    retriever.fit(matrix)
    for step in range(3):
        news = _matrix(30, 2 + step)
        retriever.add(news)
        matrix = np.vstack([matrix, news])
        # the rows on top of all lists: the old vectors would be found first
        rows = np.unique(_nearest(matrix, queries, 1))
        matrix[rows] = _matrix(len(rows), 10 + step)
        retriever.update(rows, matrix[rows])
        rows = np.unique(_nearest(matrix, queries, 2))
        retriever.remove(rows)
        matrix = np.delete(matrix, rows, axis=0)
        found, products = retriever.search(queries, 10)
        assert _recall(found, _nearest(matrix, queries, 10)) > 0.95
        expected = np.take_along_axis(queries @ matrix.T, found, axis=1)
        np.testing.assert_allclose(products, expected, rtol=1e-2, atol=1e-2)


def check_no_more_than_there_is(name, retriever):
    """The rest of the row is -1 and NaN."""
    retriever.fit(np.eye(3)).remove([1])
    rows, products = retriever.search([[1.0, 2.0, 3.0]], 4)
    assert rows.tolist() == [[1, 0, -1, -1]]
    np.testing.assert_allclose(products[0, :2], [3, 1], rtol=1e-2)
    assert np.isnan(products[0, 2:]).all()


def check_fit_again(name, retriever):
    """Another matrix, of another width: nothing is left of the first."""
    retriever.fit(_matrix(50, 0)).fit(np.eye(4))
    assert retriever.search(np.eye(4), 1)[0].ravel().tolist() == [0, 1, 2, 3]

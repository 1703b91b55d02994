"""What was encoded once is remembered: vectors by content and encoder.

SQLite, because it is in the standard library, lets many processes write, and survives
being killed at any moment. A connection is opened for each call, so that a store can be
pickled, and shared by threads and processes; all that it holds itself is the name of a
folder. (Only a fork while another thread is in a call is beyond SQLite.)
"""

import os
import shutil
import sqlite3
import time
import zlib
from contextlib import closing, contextmanager
from numbers import Integral
from pathlib import Path

import numpy as np

from skmmrec._quote import quoted, reason

FILE = "embeddings.sqlite3"
VERSION = 1
KEYS_AT_ONCE = 500  # below SQLite's limit of variables in one statement
CLAIM_SECONDS = 600  # after that, work that was begun elsewhere is done here
USED_SECONDS = 3600  # how exactly it is known when a vector was last used
PRUNE_STEPS = 20

# What is left free on the disk: on a full one nothing can be removed either, as the log
# of what is removed needs room. A row that is added rewrites up to three pages there.
RESERVED_BYTES, ROW_BYTES = 512 * 1024, 3 * 16384
RACY_NANOSECONDS = 2 * 10**9  # a file just written may change again unseen

SCHEMA = """
CREATE TABLE encoders (
    id INTEGER PRIMARY KEY, fingerprint TEXT UNIQUE, description TEXT, width INTEGER
);
CREATE TABLE vectors (
    encoder INTEGER, content BLOB, vector BLOB, checksum INTEGER, used INTEGER,
    PRIMARY KEY (encoder, content)
);
CREATE TABLE claims (
    encoder INTEGER, content BLOB, owner TEXT, process INTEGER, since REAL,
    PRIMARY KEY (encoder, content)
) WITHOUT ROWID;
CREATE TABLE files (path TEXT PRIMARY KEY, stat TEXT, content BLOB) WITHOUT ROWID;
"""


def _checksum(fingerprint, content, vector):
    """Of all three, so that a vector under the wrong key is noticed as well."""
    return zlib.crc32(vector, zlib.crc32(content, zlib.crc32(fingerprint.encode())))


def _is_intact(fingerprint, content, vector, checksum):
    """Whether a vector is what was put there, under this key.

    In a damaged file, SQLite finds values of any type.
    """
    parts = fingerprint, content, vector
    are_whole = all(map(isinstance, parts, (str, bytes, bytes)))
    return are_whole and _checksum(*parts) == checksum


def _is_alive(process):
    """Whether a process of this machine goes on; where that cannot be told, it does."""
    if os.name != "posix":
        return True
    try:
        os.kill(process, 0)
        # also if it has ended and its parent has not asked (Z), or was stopped (T, t)
        text = Path(f"/proc/{process}/stat").read_text()
        return text.rpartition(")")[2].split()[0] not in "ZTt"
    except ProcessLookupError:
        return False
    except (OSError, ValueError):
        return True
    except (TypeError, OverflowError):  # no number of a process
        return False


class StoreError(OSError):
    """A store cannot be read or written."""


def _checked(folder):
    """Refuse what is no name of a folder."""
    if isinstance(folder, (str, os.PathLike)) and os.fspath(folder):
        return folder
    got = repr(folder) if isinstance(folder, str) else type(folder).__name__
    raise TypeError(f"folder must be a path; got {got}; pass one.")


def _as_rows(vectors, n):
    """Vectors as they are stored, a row for each of n contents."""
    vectors = np.asarray(vectors)
    if vectors.dtype.kind not in "biuf" or vectors.ndim != 2 or not vectors.shape[1]:
        raise ValueError(
            f"vectors must be a matrix of numbers; got {vectors.dtype} of shape "
            f"{vectors.shape}; pass one row for each content."
        )
    if len(vectors) != n:
        raise ValueError(
            f"vectors must have a row for each of {n} contents; got {len(vectors)}; "
            f"pass as many."
        )
    with np.errstate(over="ignore"):
        return np.ascontiguousarray(vectors, dtype="<f4")


def stat_text(file):
    """What changes whenever a file is written or replaced; None if it is gone.

    Parameters
    ----------
    file : str or os.stat_result

    Returns
    -------
    text : str or None
    """
    try:
        stat = os.stat(file) if isinstance(file, str) else file
    except OSError:
        return None
    fields = stat.st_size, stat.st_mtime_ns, stat.st_ctime_ns, stat.st_ino, stat.st_dev
    return " ".join(map(str, fields))


def _chunks(keys):
    """Lists of at most KEYS_AT_ONCE, and the question marks for them."""
    for start in range(0, len(keys), KEYS_AT_ONCE):
        chunk = keys[start : start + KEYS_AT_ONCE]
        yield chunk, ",".join("?" * len(chunk))


class EmbeddingStore:
    """Vectors that were computed once, on disk: by content and by encoder.

    An encoder with a store encodes what the store does not have, and reads the rest:
    in the next fold, the next point of a grid, the next process, the next week. The key
    is a hash of the content (of a file, not of its path) together with the fingerprint
    of the encoder (its weights, parameters and libraries), so that a changed picture or
    a changed model is encoded anew.

    Parameters
    ----------
    folder : str or Path
        Where it lies; made when it is first used. On a local disk: SQLite cannot share
        a file over a network.

    See Also
    --------
    set_config : One store for all encoders.

    Notes
    -----
    Many processes may use one store at once. They share the work: what one has begun
    to encode, others leave to it, and wait for it at the end; ten minutes at most, and
    not for one that was stopped or killed. A process that is killed loses what it
    encoded in the last second or two, and nothing else; when the power fails, the last
    moments before may be lost, too. Every vector has a checksum: one that was damaged
    on disk counts as absent, and is encoded again. A file counts as the same as long as
    its size and times are; one that is written through a memory map should be given
    another name.

    A store can be removed at any time, as a folder: all it costs is encoding again.

    References
    ----------
    Hipp et al. SQLite, write-ahead logging. https://sqlite.org/wal.html

    Examples
    --------
    >>> import tempfile
    >>> from skmmrec import EmbeddingStore, SparseTextEncoder
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     store = EmbeddingStore(folder)
    ...     encoder = SparseTextEncoder(n_components=2, random_state=0, store=store)
    ...     _ = encoder.fit_transform(["a ghost ship", "two ghosts", None])
    ...     store.info()["n_vectors"]
    2
    """

    def __init__(self, folder) -> None:
        self.folder = os.path.abspath(os.path.expanduser(_checked(folder)))

    def __repr__(self):
        return f"EmbeddingStore({self.folder!r})"

    def __eq__(self, other):
        return isinstance(other, EmbeddingStore) and self.folder == other.folder

    def __hash__(self):
        return hash(self.folder)

    def __sklearn_clone__(self):
        return self

    @contextmanager
    def _connected(self, create=True):
        """A connection in autocommit mode; what goes wrong becomes an OSError."""
        path = Path(self.folder, FILE)
        if not create and not os.path.isfile(path):
            raise FileNotFoundError(
                f"The store must be a folder with {FILE}; got {quoted(self.folder)}, "
                f"which has none; correct the path."
            )
        try:
            os.makedirs(self.folder, exist_ok=True)
            connection = sqlite3.connect(path, timeout=60, isolation_level=None)
            with closing(connection):
                self._prepare(connection)
                yield connection
        except StoreError:
            raise
        except (sqlite3.Error, OSError, ValueError, RecursionError) as error:
            raise StoreError(
                f"The store must be a folder that can be written to and holds an "
                f"intact database, or nothing yet; got {quoted(self.folder)} "
                f"({reason(error)}); free some space, pass another folder, or remove "
                f"{FILE} there, to encode again."
            ) from error

    def _prepare(self, connection):
        """Settings of a connection; the tables, if they are not there yet."""
        connection.execute("PRAGMA synchronous = NORMAL")
        connection.execute(f"PRAGMA mmap_size = {2**32}")
        (version,) = connection.execute("PRAGMA user_version").fetchone()
        if version == 0:
            connection.execute("PRAGMA page_size = 16384")
            connection.execute("PRAGMA auto_vacuum = INCREMENTAL")
            connection.execute("PRAGMA journal_mode = WAL")
            with self._writing(connection):
                (version,) = connection.execute("PRAGMA user_version").fetchone()
                if version == 0:  # still: another process may have been faster
                    for statement in SCHEMA.split(";"):
                        connection.execute(statement)
                    connection.execute(f"PRAGMA user_version = {VERSION}")
                    version = VERSION
        if version != VERSION:
            raise StoreError(
                f"The store must be of version {VERSION}; got version {version} in "
                f"{quoted(self.folder)}; use another folder, or the skmmrec that wrote "
                f"it."
            )

    @contextmanager
    def _writing(self, connection):
        """All or nothing."""
        connection.execute("BEGIN IMMEDIATE")
        try:
            yield
        except BaseException:
            # some errors, such as a full disk, have rolled back already
            if connection.in_transaction:
                connection.execute("ROLLBACK")
            raise
        connection.execute("COMMIT")

    @contextmanager
    def _adding(self, n_rows):
        """A connection that writes all or nothing, and never the disk full."""
        with self._connected() as connection:
            log = min(n_rows * ROW_BYTES, self._n_used(connection))
            if shutil.disk_usage(self.folder).free < log + RESERVED_BYTES:
                raise StoreError(
                    f"The store must have {log + RESERVED_BYTES} bytes to spare on its "
                    f"disk; got less, {quoted(self.folder)} is full; free some space, "
                    f"or pass another folder."
                )
            with self._writing(connection):
                yield connection

    def _encoder_id(self, connection, key):
        """Number of an encoder, or None."""
        row = connection.execute(
            "SELECT id FROM encoders WHERE fingerprint = ?", key[:1]
        ).fetchone()
        return row and row[0]

    def width(self, key):
        """Number of features of an encoder that the store knows.

        Parameters
        ----------
        key : (str, str)
            Fingerprint and description of the encoder.

        Returns
        -------
        width : int or None
        """
        with self._connected() as connection:
            row = connection.execute(
                # a width has no checksum: it is that of a vector, or damaged
                "SELECT width FROM encoders JOIN vectors ON encoder = id "
                "WHERE fingerprint = ? AND TYPEOF(width) = 'integer' "
                "AND LENGTH(vector) = 4 * width LIMIT 1",
                key[:1],
            ).fetchone()
        return row and row[0]

    def get(self, key, contents, width):
        """Vectors of contents.

        Parameters
        ----------
        key : (str, str)
            Fingerprint and description of the encoder.
        contents : list of bytes of length n
            Hashes.
        width : int

        Returns
        -------
        vectors : ndarray of float32 of shape (n, width)
            Rows that were not found hold anything.
        found : ndarray of bool of shape (n,)
        """
        vectors = np.full((len(contents), width), np.nan, dtype=np.float32)
        found = np.zeros(len(contents), dtype=bool)
        places = {content: place for place, content in enumerate(contents)}
        now, used, damaged = int(time.time()), [], []
        with self._connected() as connection:
            encoder = self._encoder_id(connection, key)
            # neighbours in the index are read together
            for chunk, marks in _chunks(sorted(places)):
                hits, rows = [], []
                for content, vector, checksum, last in connection.execute(
                    f"SELECT content, vector, checksum, used FROM vectors "
                    f"WHERE encoder = ? AND content IN ({marks})",
                    [encoder, *chunk],
                ):
                    intact = _is_intact(key[0], content, vector, checksum)
                    if not intact or len(vector) != 4 * width:
                        damaged.append((encoder, content))
                        continue
                    hits.append(places[content])
                    rows.append(vector)
                    if not isinstance(last, int) or last < now - USED_SECONDS:
                        used.append((now, encoder, content))
                vectors[hits] = np.frombuffer(b"".join(rows), "<f4").reshape(-1, width)
                found[hits] = True
            if used or damaged:
                self._note(connection, used, damaged)
        if len(places) < len(contents):  # equal contents have equal vectors
            lasts = [places[content] for content in contents]
            vectors, found = vectors[lasts], found[lasts]
        return vectors, found

    def _note(self, connection, used, damaged):
        """When vectors were used; those that were damaged are removed."""
        with self._writing(connection):
            connection.executemany(
                "UPDATE vectors SET used = ? WHERE encoder = ? AND content = ?", used
            )
            connection.executemany(
                "DELETE FROM vectors WHERE encoder = ? AND content = ?", damaged
            )

    def put(self, key, contents, vectors):
        """Remember vectors; once this returns, they survive the death of the process.

        Parameters
        ----------
        key : (str, str)
            Fingerprint and description of the encoder.
        contents : list of bytes of length n
            Hashes.
        vectors : ndarray of shape (n, width)

        Raises
        ------
        OSError
            If they could not be written; what was there before still is.
        ValueError
            If there is no row of numbers for each content.
        """
        vectors = _as_rows(vectors, len(contents))
        now = int(time.time())
        with self._adding(len(contents)) as connection:
            encoder = self._register(connection, key, vectors.shape[1])
            connection.executemany(
                "INSERT OR REPLACE INTO vectors VALUES (?, ?, ?, ?, ?)",
                (
                    (encoder, content, row, _checksum(key[0], content, row), now)
                    for content, row in zip(contents, map(bytes, vectors))
                ),
            )
            self._release(connection, encoder, contents)

    def _register(self, connection, key, width):
        """Number of an encoder, which from now on is known."""
        connection.execute(
            "INSERT INTO encoders (fingerprint, description, width) VALUES (?, ?, ?) "
            "ON CONFLICT DO NOTHING",
            [*key, width],
        )
        return self._encoder_id(connection, key)

    def claim(self, key, contents, width, owner):
        """Which of the contents the owner is to encode, as nobody else is at it.

        Parameters
        ----------
        key : (str, str)
            Fingerprint and description of the encoder.
        contents : list of bytes of length n
        width : int
        owner : str
            Of the claims; they end with this process, or after ten minutes.

        Returns
        -------
        mine : ndarray of bool of shape (n,)
            False where another is at it, or has stored it meanwhile.
        """
        now, process = time.time(), os.getpid()
        with self._adding(len(contents)) as connection:
            encoder = self._register(connection, key, width)
            taken = set()
            for chunk, marks in _chunks(contents):
                taken.update(
                    content
                    for content, other, since in connection.execute(
                        f"SELECT content, process, since FROM claims "
                        f"WHERE encoder = ? AND owner != ? AND content IN ({marks})",
                        [encoder, owner, *chunk],
                    )
                    if isinstance(since, float)
                    and now - since < CLAIM_SECONDS
                    and _is_alive(other)
                )
                taken.update(
                    content
                    for (content,) in connection.execute(
                        f"SELECT content FROM vectors "
                        f"WHERE encoder = ? AND content IN ({marks})",
                        [encoder, *chunk],
                    )
                )
            mine = np.array([content not in taken for content in contents], dtype=bool)
            connection.executemany(
                "INSERT OR REPLACE INTO claims VALUES (?, ?, ?, ?, ?)",
                (
                    (encoder, content, owner, process, now)
                    for content in contents
                    if content not in taken
                ),
            )
        return mine

    def release(self, key, contents):
        """Give back what was claimed and is not going to be encoded.

        Parameters
        ----------
        key : (str, str)
        contents : list of bytes
        """
        with self._connected() as connection, self._writing(connection):
            encoder = self._encoder_id(connection, key)
            self._release(connection, encoder, contents)

    def _release(self, connection, encoder, contents):
        connection.executemany(
            "DELETE FROM claims WHERE encoder = ? AND content = ?",
            ((encoder, content) for content in contents),
        )

    def known_files(self, paths):
        """Hashes of files that have not changed since they were last read.

        Parameters
        ----------
        paths : list of str

        Returns
        -------
        known : dict of str to (str, bytes)
            What `stat_text` says of a file, and the hash of its content.
        """
        known = {}
        with self._connected() as connection:
            for chunk, marks in _chunks(sorted({os.path.abspath(p) for p in paths})):
                rows = connection.execute(
                    f"SELECT path, stat, content FROM files WHERE path IN ({marks})",
                    chunk,
                ).fetchall()
                known.update((path, (stat, content)) for path, stat, content in rows)
        by_path = ((path, known.get(os.path.abspath(path))) for path in paths)
        return {
            path: entry
            for path, entry in by_path
            if entry is not None
            and entry[0] == stat_text(path)
            and isinstance(entry[1], bytes)
        }

    def put_files(self, files):
        """Remember the contents of files.

        Parameters
        ----------
        files : list of (path, stat_result, content)
            The status from before the file was read.
        """
        racy = time.time_ns() - RACY_NANOSECONDS
        rows = [
            (os.path.abspath(path), stat_text(stat), content)
            for path, stat, content in files
            if max(stat.st_mtime_ns, stat.st_ctime_ns) < racy
        ]
        with self._adding(len(rows)) as connection:
            connection.executemany(
                "INSERT OR REPLACE INTO files VALUES (?, ?, ?)", rows
            )

    def info(self):
        """What the store holds.

        Returns
        -------
        info : dict
            `folder`, `n_vectors`, `n_bytes` (on disk), and `encoders`: a list of dict
            with `fingerprint`, `description`, `width`, `n_vectors`, `n_bytes` (of the
            vectors) and `last_used` (seconds since 1970, to the hour).

        Raises
        ------
        FileNotFoundError
            If there is no store in the folder.
        """
        names = [
            *("fingerprint", "description", "width"),
            *("n_vectors", "n_bytes", "last_used"),
        ]
        with self._connected(create=False) as connection:
            rows = connection.execute(
                "SELECT fingerprint, description, width, COUNT(content), "
                "TOTAL(LENGTH(vector)), MAX(used) FROM encoders "
                "JOIN vectors ON encoder = id GROUP BY id ORDER BY id"
            ).fetchall()
        encoders = [dict(zip(names, row)) for row in rows]
        for encoder in encoders:
            encoder["n_bytes"] = int(encoder["n_bytes"])
        return {
            "folder": self.folder,
            "n_vectors": sum(encoder["n_vectors"] for encoder in encoders),
            "n_bytes": self._n_bytes(),
            "encoders": encoders,
        }

    def _n_bytes(self):
        """Size on disk, with the log of writes that are under way."""
        paths = (Path(self.folder, name) for name in (FILE, f"{FILE}-wal"))
        return sum(path.stat().st_size for path in paths if path.exists())

    def _n_used(self, connection):
        """Size of what is in use; on disk it may be more while others read."""
        pages = "SELECT (page_count - freelist_count) * page_size FROM "
        tables = "pragma_page_count, pragma_freelist_count, pragma_page_size"
        return connection.execute(pages + tables).fetchone()[0]

    def verify(self):
        """Read everything back, and compare it with the checksums.

        Returns
        -------
        report : dict
            `n_vectors`, `n_damaged`, and `database`: "ok", or what SQLite finds wrong
            with the file. Damaged vectors are never returned: what asks for one removes
            it, and encodes again.

        Raises
        ------
        OSError
            If the file cannot be read at all.
        """
        n_vectors = n_damaged = 0
        with self._connected(create=False) as connection:
            (database,) = connection.execute("PRAGMA integrity_check(1)").fetchone()
            rows = connection.execute(
                "SELECT fingerprint, content, vector, checksum FROM vectors "
                "LEFT JOIN encoders ON id = encoder"
            )
            with closing(rows):  # an error that somebody keeps would keep the lock
                for fingerprint, *rest in rows:
                    n_vectors += 1
                    n_damaged += not _is_intact(fingerprint or "", *rest)
        return {"n_vectors": n_vectors, "n_damaged": n_damaged, "database": database}

    def prune(self, max_bytes):
        """Forget what was not used for the longest time, until the store is small.

        Parameters
        ----------
        max_bytes : int
            Size on disk that must not be exceeded; an empty store has about 150 kB.
            While another process reads, the file may shrink a moment later.

        Returns
        -------
        n_removed : int
            Number of vectors.

        Raises
        ------
        TypeError, ValueError
            If `max_bytes` is no integer of at least 0.
        FileNotFoundError
            If there is no store in the folder.
        """
        if not isinstance(max_bytes, Integral) or isinstance(max_bytes, bool):
            raise TypeError(
                f"max_bytes must be an integer; got {type(max_bytes).__name__}; pass "
                f"a number of bytes."
            )
        if max_bytes < 0:
            raise ValueError(
                f"max_bytes must be at least 0; got {max_bytes}; 0 empties the store."
            )
        n_removed = 0
        with self._connected(create=False) as connection:
            connection.executescript("PRAGMA incremental_vacuum")
            connection.execute("PRAGMA wal_checkpoint(PASSIVE)")
            while (size := self._n_used(connection)) > max_bytes:
                n_gone = self._forget_oldest(connection, size, max_bytes)
                # `execute` would stop after the first page
                connection.executescript("PRAGMA incremental_vacuum")
                connection.execute("PRAGMA wal_checkpoint(PASSIVE)")
                n_removed += n_gone
                if not n_gone:
                    break
        return n_removed

    def _forget_oldest(self, connection, size, max_bytes):
        """Remove some of the vectors that are too many, and encoders without any."""
        with self._writing(connection):
            (n_vectors,) = connection.execute("SELECT COUNT(*) FROM vectors").fetchone()
            n_too_many = -(-n_vectors * (size - max_bytes) // size)
            # in steps, as each needs some room, and the disk may be full
            n_too_many = min(n_too_many, n_vectors // PRUNE_STEPS + 100)
            n_gone = connection.execute(
                "DELETE FROM vectors WHERE rowid IN "
                "(SELECT rowid FROM vectors ORDER BY used, rowid LIMIT ?)",
                [n_too_many],
            ).rowcount
            connection.execute(
                "DELETE FROM encoders WHERE id NOT IN (SELECT encoder FROM vectors) "
                "AND id NOT IN (SELECT encoder FROM claims)"
            )
            connection.execute(
                "DELETE FROM files WHERE content NOT IN (SELECT content FROM vectors)"
            )
        return n_gone


def as_store(store):
    """An EmbeddingStore, from one or from a folder; None for None and False.

    Parameters
    ----------
    store : EmbeddingStore, str, Path, None or False

    Returns
    -------
    store : EmbeddingStore or None

    Raises
    ------
    TypeError
        If it is anything else.
    """
    if store is None or store is False:
        return None
    if isinstance(store, EmbeddingStore):
        return store
    if isinstance(store, (str, os.PathLike)) and str(store):
        return EmbeddingStore(store)
    got = repr(store) if isinstance(store, str) else type(store).__name__
    raise TypeError(
        f"store must be an EmbeddingStore, a folder, None or False; got {got}; pass "
        f"one of these."
    )

"""Lines of text files as named fields, with errors that say which line is at fault."""

import csv
import io

from skmmrec._quote import quoted

MOST_DIGITS = 18  # of a number in int64


def malformed(path, line, expected, got):
    """The error for a line that cannot be read.

    Parameters
    ----------
    path : Path
    line : int
        Number of the line, the first is 1.
    expected, got : str

    Returns
    -------
    error : ValueError
    """
    return ValueError(
        f"Line {line} of {path} must be {expected}; got {quoted(got)}; "
        f"unpack the release again, or mend that line."
    )


def numbered_lines(path):
    """Number and text of each line; UTF-8, or Latin-1 as in releases before 2009."""
    raw = path.read_bytes()
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = raw.decode("latin-1")
    # str.splitlines would also break at characters that are text in Latin-1
    for line, content in enumerate(io.StringIO(text, newline=None), start=1):
        yield line, content.removesuffix("\n")


def _comma_separated(path):
    """Fields of each record of a CSV file, where quotes may hold commas and lines."""
    reader = csv.reader(content + "\n" for _, content in numbered_lines(path))
    try:
        for fields in reader:
            yield reader.line_num, fields
    except csv.Error as error:
        expected = "fields between commas"
        raise malformed(path, reader.line_num, expected, str(error)) from None


def _header(lines, path, names):
    """The first of the lines, which must have the names."""
    line, header = next(lines, (1, []))
    if not set(names) <= set(header):
        expected = f"the names of the columns, {', '.join(names)} among them"
        raise malformed(path, line, expected, ",".join(header))
    return header


def named_fields(path, separator, names):
    """Number and fields of each line that is not empty.

    Parameters
    ----------
    path : Path
    separator : str
        A comma means a CSV file, with quotes and a first line of names.
    names : list of str
        Names of the fields; in a CSV file, those it must have.

    Yields
    ------
    line : int
    fields : dict of str to str

    Raises
    ------
    ValueError
        If a line has more or fewer fields than names.
    """
    if separator == ",":
        lines = _comma_separated(path)
        names = _header(lines, path, names)
    else:
        lines = ((n, content.split(separator)) for n, content in numbered_lines(path))
    for line, fields in lines:
        if not any(fields):
            continue
        if len(fields) != len(names):
            expected = f"{len(names)} fields between {separator!r}"
            raise malformed(path, line, expected, separator.join(fields))
        yield line, dict(zip(names, fields))


def whole_number(fields, name, path, line):
    """The number in a field, or the error that names the line.

    Parameters
    ----------
    fields : dict of str to str
    name : str
    path : Path
    line : int

    Returns
    -------
    number : int
    """
    text = fields[name]
    if not (text.isascii() and text.isdigit() and len(text) <= MOST_DIGITS):
        expected = f"a line with a whole number as {name}"
        raise malformed(path, line, expected, text)
    return int(text)

"""Arrays in numpy's own format, read from memory or from a map without a copy."""

import io
import math
import warnings

import numpy as np

MAX_HEADER = 2**16  # bytes; numpy's own limit is lower


def write_npy(file, array):
    """Write an array of numbers or texts.

    Parameters
    ----------
    file : writable
    array : ndarray
    """
    is_fortran = array.flags.f_contiguous and not array.flags.c_contiguous
    header = np.lib.format.header_data_from_array_1_0(array)
    np.lib.format.write_array_header_1_0(file, header)
    data = np.ascontiguousarray(array.T if is_fortran else array)
    file.write(data.reshape(-1).view(np.uint8))  # as it is, without a copy


def _header(file):
    """Shape, order and dtype; a header that numpy would have to mend is refused."""
    read = {
        (1, 0): np.lib.format.read_array_header_1_0,
        (2, 0): np.lib.format.read_array_header_2_0,
    }[np.lib.format.read_magic(file)]
    with warnings.catch_warnings(action="error"):
        return read(file)


def read_npy(buffer):
    """The array that some bytes hold.

    Parameters
    ----------
    buffer : ndarray of uint8
        The array is a view of it.

    Returns
    -------
    array : ndarray

    Raises
    ------
    ValueError
        If it holds objects, or anything but the bytes that its header declares.
    """
    header = io.BytesIO(buffer[:MAX_HEADER].tobytes())
    try:
        shape, is_fortran, dtype = _header(header)
    except Exception as error:  # also those of Python's tokenizer and parser
        raise ValueError(f"no header of an array ({error})") from error
    data = buffer[header.tell() :]
    if dtype.hasobject or dtype.itemsize * math.prod(shape) != len(data):
        raise ValueError(f"an array of {dtype} and shape {shape} in {len(data)} bytes")
    if not len(data):  # whose parts have no length to be viewed by
        return np.empty(shape, dtype, order="F" if is_fortran else "C")
    return data.view(dtype).reshape(shape, order="F" if is_fortran else "C")

"""Arrays inside frozen records: immutable, equal by value, and short as text.

A page's state is a frozen record, so the data in it must be a value as well: `FrozenArray` cannot
be written to, compares and hashes by its content, and goes anywhere NumPy accepts an array.
`encode_array` and `decode_array` carry it through an address exactly (every float64 bit).
"""

from __future__ import annotations

import base64
import binascii
import math
import struct
import zlib
from typing import Any

import numpy as np

# The smallest type that holds every value exactly is sent: whole numbers cost one byte, not eight.
_TYPES = {"b": "<i1", "h": "<i2", "e": "<f2", "f": "<f4", "d": "<f8"}
MAX_RANK = 6


class FrozenArray:
    """A read-only float64 array with value semantics (`==`, `hash`).

    >>> data = FrozenArray([[1, 10], [2, 20]])
    >>> data == FrozenArray([[1.0, 10.0], [2.0, 20.0]]), data.shape
    (True, (2, 2))
    >>> np.asarray(data).mean(axis=0)
    array([ 1.5, 15. ])
    """

    __slots__ = ("array",)
    array: np.ndarray

    def __init__(self, values: Any) -> None:
        array = np.array(values, dtype=np.float64, order="C")
        array.setflags(write=False)
        object.__setattr__(self, "array", array)

    def __setattr__(self, name: str, value: Any) -> None:
        raise AttributeError("a FrozenArray cannot be changed; make a new one")

    @property
    def shape(self) -> tuple[int, ...]:
        """The shape, as NumPy spells it."""
        return self.array.shape

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> np.ndarray:
        return np.array(self.array, dtype=dtype, copy=copy)

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, FrozenArray):
            return NotImplemented
        return self.shape == other.shape and self.array.tobytes() == other.array.tobytes()

    def __hash__(self) -> int:
        return hash((self.shape, self.array.tobytes()))

    def __reduce__(self) -> tuple[Any, ...]:
        return FrozenArray, (self.array,)

    def __repr__(self) -> str:
        return f"FrozenArray({self.array.tolist()!r})"


def fitted(parameter: np.ndarray, shape: tuple[int, ...], empty: float) -> np.ndarray:
    """gamma or beta in the shape that the axes now ask for; `empty` where it was another's.

    >>> fitted(np.array([2.0]), (3,), 1.0), fitted(np.array([2.0, 3.0]), (3,), 1.0)
    (array([2., 2., 2.]), array([1., 1., 1.]))
    """
    if parameter.shape == shape or parameter.size == 1:
        return np.array(
            np.broadcast_to(parameter.reshape(-1)[0] if parameter.size == 1 else parameter, shape)
        )
    return np.full(shape, empty)


def encode_array(value: FrozenArray) -> str:
    """The array as text for an address: zlib + base64url of type, shape and values.

    >>> text = encode_array(FrozenArray([[1, 10, 100], [2, 20, 200]]))
    >>> len(text), decode_array(text) == FrozenArray([[1, 10, 100], [2, 20, 200]])
    (38, True)
    """
    exact = value.array.tobytes()
    code, values = "d", exact
    for candidate, dtype in _TYPES.items():
        with np.errstate(invalid="ignore", over="ignore"):
            packed = value.array.astype(dtype)
        if packed.astype(np.float64).tobytes() == exact:
            code, values = candidate, packed.tobytes()
            break
    header = struct.pack(f"<cB{len(value.shape)}I", code.encode(), len(value.shape), *value.shape)
    text = base64.urlsafe_b64encode(zlib.compress(header + values, 9)).decode()
    return text.rstrip("=")


def decode_array(text: str, max_elements: int = 4096) -> FrozenArray:
    """The array in `text`, or ValueError where it is damaged, too large or not finite.

    The decompressed size is bounded before anything is allocated, because the text comes from
    whoever wrote the link.

    >>> decode_array("nonsense!")
    Traceback (most recent call last):
    ...
    ValueError: the numbers in it are damaged
    """
    limit = 2 + 4 * MAX_RANK + 8 * max_elements
    try:
        padded = (text + "=" * (-len(text) % 4)).encode("ascii")
        packed = base64.b64decode(padded, altchars=b"-_", validate=True)
        unpacker = zlib.decompressobj()
        raw = unpacker.decompress(packed, limit + 1)
        code, rank = struct.unpack_from("<cB", raw)
        if rank > MAX_RANK:
            raise ValueError(f"it has rank {rank}, the largest is {MAX_RANK}")
        shape = struct.unpack_from(f"<{rank}I", raw, 2)
        dtype = np.dtype(_TYPES[code.decode("ascii")])
    except (binascii.Error, zlib.error, struct.error, KeyError, UnicodeError) as error:
        raise ValueError("the numbers in it are damaged") from error
    count = math.prod(shape)
    if count > max_elements or len(raw) > limit:
        raise ValueError(f"it holds more than the {max_elements} numbers allowed here")
    values = raw[2 + 4 * rank :]
    if not unpacker.eof or count == 0 or len(values) != count * dtype.itemsize:
        raise ValueError("the numbers in it are damaged")
    array = np.frombuffer(values, dtype).reshape(shape).astype(np.float64)
    if not np.isfinite(array).all():
        raise ValueError("it holds a number that is not finite (NaN or infinity)")
    return FrozenArray(array)

"""Keys of arrays: which rows they need, and what is left to numpy once these are read."""

from __future__ import annotations

import operator
from dataclasses import dataclass
from typing import Any

import numpy as np

Axis = tuple[int, int, int]


@dataclass
class Basic:
    """Of each axis a range in steps; of what these give, ``rest``."""

    axes: list[Axis]
    rest: tuple[Any, ...]


@dataclass
class Rows:
    """Rows that ascend; of what these give, ``rest``."""

    rows: np.ndarray
    rest: tuple[Any, ...]


def parse(key: Any, shape: tuple[int, ...]) -> Basic | Rows | None:
    """What of an array of this shape a key needs; ``None`` for all of it, with the key left to numpy.

    Raises
    ------
    IndexError
        Where numpy does.
    """
    parts = list(key) if isinstance(key, tuple) else [key]
    parts = [_part(part) for part in parts]
    if any(isinstance(part, np.ndarray) and part.ndim == 0 for part in parts):
        return None  # True and False are keys that add an axis
    parts = _without_masks(parts, shape)
    parts = _expanded(parts, len(shape))
    if any(isinstance(part, np.ndarray) for part in parts):
        return _of_arrays(parts, shape)
    axes, rest = _axes(parts, shape)
    return Basic(axes, tuple(rest))


def _part(part: Any) -> Any:
    """An index, a slice, ``None``, an ellipsis, or an array of integers or booleans."""
    if part is None or part is Ellipsis or isinstance(part, slice):
        return part
    if not isinstance(part, (bool, np.bool_)) and not isinstance(part, np.ndarray):
        try:
            return operator.index(part)
        except TypeError:
            pass
    array = np.asarray(part)
    if array.size == 0 and not isinstance(part, np.ndarray):
        array = array.astype(np.intp)
    if array.ndim == 0 and array.dtype.kind in "iu":
        return int(array)
    if array.dtype.kind not in "biu":
        raise IndexError(
            "only integers, slices (`:`), ellipsis (`...`), None and integer or boolean arrays are valid indices"
        )
    return array


def _without_masks(parts: list[Any], shape: tuple[int, ...]) -> list[Any]:
    """Masks as the indices where they are true."""
    out: list[Any] = []
    n_before = 0
    n_named = sum(
        part.ndim if isinstance(part, np.ndarray) and part.dtype == bool else 1
        for part in parts
        if part is not None and part is not Ellipsis
    )
    for part in parts:
        if part is Ellipsis:
            n_before += max(0, len(shape) - n_named)
        if isinstance(part, np.ndarray) and part.dtype == bool:
            axes = shape[n_before : n_before + part.ndim]
            if part.shape != axes:
                raise IndexError(
                    f"boolean index did not match indexed array: {part.shape} for the axes {axes}"
                )
            out.extend(np.nonzero(part))
            n_before += part.ndim
            continue
        if part is not None and part is not Ellipsis:
            n_before += 1
        out.append(part)
    return out


def _expanded(parts: list[Any], n_axes: int) -> list[Any]:
    """One part for each axis, beside ``None`` and an ellipsis that stands for no axis any more."""
    n_named = sum(part is not None and part is not Ellipsis for part in parts)
    if n_named > n_axes:
        raise IndexError(f"too many indices: array is {n_axes}-dimensional, but {n_named} were indexed")
    n_ellipses = sum(part is Ellipsis for part in parts)
    if n_ellipses > 1:
        raise IndexError("an index can only have a single ellipsis ('...')")
    missing = [slice(None)] * (n_axes - n_named)
    if not n_ellipses:
        return parts + missing
    at = next(i for i, part in enumerate(parts) if part is Ellipsis)
    # Without an axis of its own it still makes numpy return an array where it would return an element.
    return parts[:at] + [Ellipsis] + missing + parts[at + 1 :]


def _axes(parts: list[Any], shape: tuple[int, ...]) -> tuple[list[Axis], list[Any]]:
    axes: list[Axis] = []
    rest: list[Any] = []
    for part in parts:
        if part is None or part is Ellipsis:
            rest.append(part)
            continue
        axis, left = _axis(part, shape[len(axes)], len(axes))
        axes.append(axis)
        rest.append(left)
    return axes, rest


def _axis(part: Any, length: int, axis: int) -> tuple[Axis, Any]:
    """The range that an index or a slice needs, and what it selects of that."""
    if not isinstance(part, slice):
        index = _index(part, length, axis)
        return (index, index + 1, 1), 0
    start, stop, step = part.indices(length)
    n = len(range(start, stop, step))
    if n == 0:
        return (0, 0, 1), slice(None)
    if step > 0:
        return (start, start + (n - 1) * step + 1, step), slice(None)
    last = start + (n - 1) * step
    return (last, start + 1, -step), slice(None, None, -1)


def _index(index: int, length: int, axis: int) -> int:
    if not -length <= index < length:
        raise IndexError(f"index {index} is out of bounds for axis {axis} with size {length}")
    return index % length


def _of_arrays(parts: list[Any], shape: tuple[int, ...]) -> Basic | Rows:
    """The rows that the key of the first axis needs; numpy does the rest."""
    at = next(i for i, part in enumerate(parts) if part is not None and part is not Ellipsis)
    first = parts[at]
    if isinstance(first, np.ndarray):
        first = first.astype(np.intp)
        _check(first, shape[0], 0)
        rows, positions = np.unique(np.where(first < 0, first + shape[0], first), return_inverse=True)
        parts[at] = positions.reshape(first.shape)
        return Rows(np.ascontiguousarray(rows, np.uint64), tuple(parts))
    axis, parts[at] = _axis(first, shape[0], 0)
    return Basic([axis] + [(0, length, 1) for length in shape[1:]], tuple(parts))


def _check(indices: np.ndarray, length: int, axis: int) -> None:
    if indices.size and not (-length <= int(indices.min()) and int(indices.max()) < length):
        raise IndexError(f"an index is out of bounds for axis {axis} with size {length}")

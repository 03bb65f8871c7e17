"""How the engine is told to compress, as values that can be compared, hashed and pickled."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class ModeSpec:
    """How numbers are split before they are stored: ``auto``, or one mode that is tried.

    Examples
    --------
    >>> from paginum.wrapped import ModeSpec
    >>> ModeSpec.try_int_mult(100)
    ModeSpec('int-mult:100')
    """

    text: str = "auto"

    @staticmethod
    def auto() -> ModeSpec:
        """Choose by a sample."""
        return ModeSpec("auto")

    @staticmethod
    def classic() -> ModeSpec:
        """Store numbers as they are."""
        return ModeSpec("classic")

    @staticmethod
    def try_dict() -> ModeSpec:
        """Store indices into the distinct values."""
        return ModeSpec("dict")

    @staticmethod
    def try_int_mult(base: int) -> ModeSpec:
        """Store integers as multiples of `base` and remainders."""
        return ModeSpec(f"int-mult:{int(base)}")

    @staticmethod
    def try_float_mult(base: float) -> ModeSpec:
        """Store floats as multiples of `base` and what is missing."""
        return ModeSpec(f"float-mult:{float(base)!r}")

    @staticmethod
    def try_float_quant(k: int) -> ModeSpec:
        """Store the last `k` bits of floats apart."""
        return ModeSpec(f"float-quant:{int(k)}")

    def __repr__(self) -> str:
        return f"ModeSpec({self.text!r})"


@dataclass(frozen=True)
class DeltaSpec:
    """How neighbours are subtracted: ``auto``, or one way that is tried.

    Examples
    --------
    >>> from paginum.wrapped import DeltaSpec
    >>> DeltaSpec.try_consecutive(2)
    DeltaSpec('consecutive:2')
    """

    text: str = "auto"

    @staticmethod
    def auto() -> DeltaSpec:
        """Choose by a sample."""
        return DeltaSpec("auto")

    @staticmethod
    def no_op() -> DeltaSpec:
        """Subtract nothing."""
        return DeltaSpec("none")

    @staticmethod
    def none() -> DeltaSpec:
        """Subtract nothing."""
        return DeltaSpec("none")

    @staticmethod
    def try_consecutive(order: int) -> DeltaSpec:
        """Differences of differences, of order 0 to 7."""
        return DeltaSpec(f"consecutive:{int(order)}")

    @staticmethod
    def try_lookback() -> DeltaSpec:
        """Differences to an earlier number."""
        return DeltaSpec("lookback")

    @staticmethod
    def try_conv1(order: int) -> DeltaSpec:
        """Differences to a linear prediction, of order 0 to 32."""
        return DeltaSpec(f"conv1:{int(order)}")

    def __repr__(self) -> str:
        return f"DeltaSpec({self.text!r})"


@dataclass(frozen=True)
class PagingSpec:
    """How many numbers each page of a chunk holds.

    Examples
    --------
    >>> from paginum.wrapped import PagingSpec
    >>> PagingSpec.exact_page_sizes([6, 4])
    PagingSpec(exact=(6, 4))
    """

    up_to: int = 1 << 18
    exact: tuple[int, ...] | None = None

    @staticmethod
    def equal_pages_up_to(n: int) -> PagingSpec:
        """Pages of about equal size, of at most `n` numbers."""
        return PagingSpec(int(n))

    @staticmethod
    def exact_page_sizes(sizes: Iterable[int]) -> PagingSpec:
        """Just these."""
        return PagingSpec(exact=tuple(int(size) for size in sizes))

    def __repr__(self) -> str:
        return f"PagingSpec(exact={self.exact})" if self.exact is not None else f"PagingSpec(up_to={self.up_to})"


@dataclass(frozen=True)
class ChunkConfig:
    """How a chunk is compressed.

    Parameters
    ----------
    level : int
        0 (fastest) to 13 (smallest).
    mode_spec, delta_spec, paging_spec
        How numbers are split, subtracted and paged.
    """

    level: int = 8
    mode_spec: ModeSpec = field(default_factory=ModeSpec)
    delta_spec: DeltaSpec = field(default_factory=DeltaSpec)
    paging_spec: PagingSpec = field(default_factory=PagingSpec)


def options_of(level: int, mode: ModeSpec, delta: DeltaSpec, paging: PagingSpec) -> dict[str, Any]:
    """What the extension is told."""
    options: dict[str, Any] = {"level": level, "mode": mode.text, "delta": delta.text}
    if paging.exact is not None:
        options["page_sizes"] = list(paging.exact)
    else:
        options["max_page_n"] = paging.up_to
    return options


@dataclass(frozen=True)
class Progress:
    """How far a read came."""

    #: Numbers that were written.
    n_processed: int
    #: Whether these were the last ones.
    finished: bool

"""How work is done: on how many threads, and who is told of its progress."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable

Progress = Callable[[int, int], object]


def threads(n_threads: int | None) -> int:
    """The number of threads to use: what was asked for; else ``PAGINUM_THREADS``; else 1 on a worker of Dask, whose other
    workers need the cores; else the cores that this process may use."""
    if n_threads is None:
        wanted = os.environ.get("PAGINUM_THREADS", "")
        n_threads = int(wanted) if wanted.isdecimal() else 0
        if n_threads == 0:
            return 1 if _is_dask_worker() else _cores()
    if n_threads < 0:
        raise ValueError(f"n_threads={n_threads}")
    return n_threads or _cores()


def _cores() -> int:
    if hasattr(os, "sched_getaffinity"):
        return max(1, len(os.sched_getaffinity(0)))
    return os.cpu_count() or 1


def _is_dask_worker() -> bool:
    distributed = sys.modules.get("distributed")
    if distributed is None:
        return False
    try:
        distributed.get_worker()
    except (ValueError, AttributeError):
        return False
    return True


def told(progress: Progress | bool | None) -> Progress | None:
    """The function to tell. ``True`` shows a bar where tqdm is installed."""
    if progress is None or progress is False:
        return None
    if progress is not True:
        return progress
    try:
        from tqdm.auto import tqdm
    except ImportError:
        return None
    bar = tqdm(unit="B", unit_scale=True)

    def tell(done: int, total: int) -> None:
        bar.total = total
        bar.update(done - bar.n)
        if done >= total:
            bar.close()

    return tell

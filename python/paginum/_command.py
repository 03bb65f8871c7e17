"""The console script: the command line that the Rust program has."""

from __future__ import annotations

import sys

from . import _core


def main() -> int:
    """Run the command ``paginum`` and return its exit status."""
    return _core.main(["paginum", *sys.argv[1:]])

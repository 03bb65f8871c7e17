"""Ranges from a web server by `requests` and `obstore`: prints rows of a table, the best of some rounds."""

import importlib.util
import sys
import time
from concurrent.futures import ThreadPoolExecutor

url = sys.argv[1]
n_ranges, range_bytes, at_once, rounds = map(int, sys.argv[2:])

starts = [i * 4 * range_bytes for i in range(n_ranges)]
state = 1
for i in range(n_ranges):
    state = (state * 6364136223846793005 + 1442695040888963407) % 2**64
    j = (state >> 33) % n_ranges
    starts[i], starts[j] = starts[j], starts[i]


def row(name, work):
    best = 0.0
    for _ in range(rounds):
        begun = time.perf_counter()
        work()
        best = max(best, n_ranges / (time.perf_counter() - begun))
    print(f"| {name} | {best:.0f} |")


def has(module):
    if importlib.util.find_spec(module):
        return True
    print(f"| {module} | not installed |")
    return False


if has("requests"):
    import requests

    session = requests.Session()
    session.trust_env = False

    def fetch(start):
        headers = {"Range": f"bytes={start}-{start + range_bytes - 1}", "Accept-Encoding": "identity"}
        answer = session.get(url, headers=headers)
        assert answer.status_code == 206 and len(answer.content) == range_bytes

    fetch(0)
    row("requests, one after another", lambda: [fetch(start) for start in starts])
    with ThreadPoolExecutor(at_once) as pool:
        list(pool.map(fetch, starts[:at_once]))
        row(f"requests, {at_once} threads", lambda: list(pool.map(fetch, starts)))

if has("obstore"):
    from obstore.store import HTTPStore

    base, _, path = url.rpartition("/")
    store = HTTPStore(base, client_options={"allow_http": True})

    def get(start):
        assert len(store.get_range(path, start=start, length=range_bytes)) == range_bytes

    def get_many(starts):
        found = store.get_ranges(path, starts=starts, lengths=[range_bytes] * len(starts))
        assert all(len(part) == range_bytes for part in found)

    get(0)
    row("obstore, one after another", lambda: [get(start) for start in starts])
    groups = [starts[i : i + at_once] for i in range(0, n_ranges, at_once)]
    row(f"obstore, {at_once} at once", lambda: [get_many(group) for group in groups])

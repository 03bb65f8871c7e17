"""A cluster of Dask over an object store, on loopback, in the small: what a worker that dies, a server that fails and a chunk that
is damaged come to. PAGINUM_TEST_SCALE=1 does it with a gigabyte."""

import os
import pickle
import threading
import time

import numpy as np
import paginum
import pytest

pytestmark = [pytest.mark.filterwarnings("ignore")]
distributed = pytest.importorskip("distributed")
da = pytest.importorskip("dask.array")
import paginum.dask  # noqa: E402

IS_LARGE = os.environ.get("PAGINUM_TEST_SCALE") == "1"
N_BLOCKS, BLOCK_N = (128, 1 << 20) if IS_LARGE else (8, 1 << 16)


@pytest.fixture(scope="module")
def cluster():
    with (
        distributed.LocalCluster(
            n_workers=2, threads_per_worker=1, processes=True, dashboard_address=None, host="127.0.0.1"
        ) as cluster,
        distributed.Client(cluster) as client,
    ):
        yield cluster, client


def source(delay=0.0):
    """Numbers that follow from where they are, so that any run gives the same."""

    def block(block_info=None):
        time.sleep(delay)
        start = block_info[None]["array-location"][0][0]
        return np.round(np.sin(np.arange(start, start + BLOCK_N) / 1000) * 100, 2)

    return da.map_blocks(block, chunks=((BLOCK_N,) * N_BLOCKS,), dtype="f8", meta=np.empty(0))


def expected_sum():
    return float(np.round(np.sin(np.arange(N_BLOCKS * BLOCK_N) / 1000) * 100, 2).sum())


def test_one_thread_a_worker(cluster):
    from paginum._work import threads

    assert cluster[1].submit(threads, None, pure=False).result() == 1
    assert threads(None) >= 1


def kill_one(cluster):
    """Ends one worker's process, as a machine that is lost does."""
    worker = next(iter(cluster.workers.values()))
    worker.process.process._process.kill()


@pytest.mark.parametrize("is_killed", [False, True], ids=["undisturbed", "a worker dies"])
def test_write_and_reduce(cluster, folder, is_killed):
    cluster, client = cluster
    later = paginum.dask.to_pv(source(0.1 if is_killed else 0), str(folder / "part-{}.pv"), compute=False)
    writing = client.compute(later)
    if is_killed:
        time.sleep(0.3)
        kill_one(cluster)
    manifest = writing.result(timeout=600)
    names = sorted(path.name for path in folder.iterdir())
    assert len(names) == N_BLOCKS + 1 and "manifest.json" in names
    array = paginum.dask.from_pv(manifest)
    summing = client.compute(array.sum())
    if is_killed:
        kill_one(cluster)
    assert summing.result(timeout=600) == pytest.approx(expected_sum(), rel=1e-12)
    client.wait_for_workers(2, timeout=60)


def test_readers_go_to_workers(cluster, folder):
    paginum.save(folder / "a.pv", {"x": np.arange(1000)})
    with paginum.open(folder / "a.pv") as file:
        array = file["x"]
        assert pickle.loads(pickle.dumps(array))[7] == 7
        assert cluster[1].submit(lambda array: int(array[10:20].sum()), array).result() == 145
        lazy = da.from_array(array, chunks=100, asarray=False, name=False)
        assert lazy.sum().compute() == 499_500


@pytest.fixture(scope="module")
def bucket():
    server = pytest.importorskip("moto.server")
    pytest.importorskip("s3fs")
    import boto3

    running = server.ThreadedMotoServer("127.0.0.1", 0)
    running.start()
    _, port = running.get_host_and_port()
    options = {"key": "a", "secret": "b", "endpoint_url": f"http://127.0.0.1:{port}"}
    boto3.client(
        "s3", endpoint_url=options["endpoint_url"], aws_access_key_id="a", aws_secret_access_key="b", region_name="us-east-1"
    ).create_bucket(Bucket="paginum")
    yield options
    running.stop()


def test_an_object_store(cluster, bucket):
    _, client = cluster
    manifest = paginum.dask.to_pv(source(), "s3://paginum/run/part-{}.pv", storage_options=bucket)
    array = paginum.dask.from_pv(manifest, storage_options=bucket)
    assert float(client.compute(array.sum()).result(timeout=600)) == pytest.approx(expected_sum(), rel=1e-12)
    second = f"paginum/run/part-{1:0{len(str(N_BLOCKS - 1))}}.pv"  # numbers are as wide as the last one
    with paginum.open(f"s3://{second}", storage_options=bucket) as file:
        np.testing.assert_array_equal(file["data"][5:9], source()[BLOCK_N + 5 : BLOCK_N + 9].compute())
    import s3fs

    fs = s3fs.S3FileSystem(**bucket)
    whole = fs.cat_file(second)
    fs.pipe_file(second, whole[:-400])
    with pytest.raises(paginum.CorruptDataError, match=second):
        client.compute(paginum.dask.from_pv(manifest, storage_options=bucket).sum()).result(timeout=600)


def test_zarr_over_an_object_store_and_two_writers(bucket):
    zarr = pytest.importorskip("zarr")
    import paginum.zarr

    def opened():
        store = zarr.storage.FsspecStore.from_url("s3://paginum/z.zarr", storage_options=bucket)
        return store, zarr.open_array(store, mode="r+")

    store = zarr.storage.FsspecStore.from_url("s3://paginum/z.zarr", storage_options=bucket)
    values = np.arange(40_000.0).reshape(400, 100)
    zarr.create_array(
        store, shape=values.shape, chunks=(100, 100), dtype="f8", serializer=paginum.zarr.Numeric(), compressors=None
    )

    def write(part):
        _, array = opened()
        for start in part:
            array[start : start + 100] = values[start : start + 100]

    # Disjoint chunks, and then the same one: a chunk is an object, and the last one stays whole.
    for parts in ([(0, 100), (200, 300)], [(0,), (0,)]):
        writers = [threading.Thread(target=write, args=(part,)) for part in parts]
        for writer in writers:
            writer.start()
        for writer in writers:
            writer.join()
        np.testing.assert_array_equal(opened()[1][...], values)
    np.testing.assert_array_equal(opened()[1][130:140:3, 5], values[130:140:3, 5])

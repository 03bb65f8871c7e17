"""What somebody who knows numpy and not this package does wrong, and what is said of it."""

import pathlib

import numpy as np
import paginum
import pytest

VALUES = np.arange(24.0).reshape(4, 6)


@pytest.fixture
def path(folder):
    paginum.save(folder / "a.pv", {"x": VALUES})
    return folder / "a.pv"


def test_an_array_of_a_file_is_none_of_numpy_and_says_so(path):
    with paginum.open(path) as file:
        array = file["x"]
        for name in ("sum", "T", "astype", "tolist"):
            with pytest.raises(AttributeError, match=rf"{name}.*Read it first: array\[:\]\.{name}"):
                getattr(array, name)
        with pytest.raises(AttributeError) as caught:
            array.nonsense  # noqa: B018
        assert "Read" not in str(caught.value) and not hasattr(array, "__array_interface__")
        assert np.sum(array) == VALUES.sum() and np.mean(array) == VALUES.mean()


def test_names_are_text(path, folder):
    with paginum.open(path) as file:
        with pytest.raises(KeyError, match='there is no array "y"'):
            file["y"]
        with pytest.raises(KeyError, match="names"):
            file[0]
        assert 0 not in file
    for write in (paginum.save, paginum.append):
        with pytest.raises(TypeError, match="int: 1"):
            write(path, {1: [1]})
    with pytest.raises(TypeError, match="names"):
        paginum.append(path, [1])
    paginum.save(folder / "many.pv", {f"a{i}": [i] for i in range(20)})
    with paginum.open(folder / "many.pv") as file, pytest.raises(KeyError, match='"a7" and others') as caught:
        file["y"]
    assert "a8" not in str(caught.value)


def test_one_name_is_one_array(folder):
    paginum.save(folder / "a.pv", {"ab": [1], "a": [2], "b": [3]})
    paginum.convert(folder / "a.pv", folder / "b.npz", arrays="ab")
    assert list(np.load(folder / "b.npz")) == ["ab"]


@pytest.mark.parametrize("extension", ["npz", "npy", "pco", "csv"])
def test_files_that_do_not_grow_say_so(folder, extension):
    place = folder / f"a.{extension}"
    paginum.save(place, {"x": [1, 2]})
    before = place.read_bytes()
    for change in (lambda: paginum.append(place, {"y": [1]}), lambda: paginum.remove(place, "x")):
        with pytest.raises(paginum.UnsupportedError, match=rf"\.{extension} gets no arrays .* convert it to \.pv"):
            change()
    assert place.read_bytes() == before


def test_damage_is_still_damage(path):
    path.write_bytes(path.read_bytes()[:-1])
    for change in (lambda: paginum.append(path, {"y": [1]}), lambda: paginum.remove(path, "x")):
        with pytest.raises(paginum.CorruptDataError):
            change()


def test_text_mode_is_refused(path, folder):
    with open(path, encoding="latin-1") as file, pytest.raises(TypeError, match="binary"):
        paginum.open(file)
    with open(folder / "b.pv", "w") as file, pytest.raises(TypeError, match="binary"):
        paginum.save(file, {"x": [1]})


@pytest.mark.skipif(not hasattr(np.dtypes, "StringDType"), reason="numpy before 2")
def test_texts_of_any_width_are_told_what_to_become():
    with pytest.raises(TypeError, match="astype"):
        paginum.compress(np.array(["a"], np.dtypes.StringDType()))


def test_extensions_that_mean_nothing_are_told_which_do(folder):
    for name in ("a.txt", "a"):
        with pytest.raises(paginum.InvalidArgumentError, match=r"there are .*\.npz.*\.pv"):
            paginum.save(folder / name, {"x": [1]})
    with pytest.raises(IsADirectoryError):
        paginum.open(folder)


def test_changes_that_nobody_wrote_are_a_warning(path):
    file = paginum.open(path, "a")
    file["y"] = [1]
    with pytest.warns(RuntimeWarning, match="not closed, and these changes are lost: y"):
        del file
    assert list(paginum.open(path)) == ["x"]
    paginum.open(path, "a")  # without changes there is nothing to say
    with pytest.raises(ZeroDivisionError), paginum.open(path, "a") as file:
        file["y"] = [1 / 0]
    del file


def test_tokens_of_dask_are_those_of_the_bytes(path):
    tokenize = pytest.importorskip("dask.base").tokenize

    def token(place):
        with paginum.open(place) as file:
            return tokenize(file["x"])

    first = token(path)
    assert first == token(path) and token(path.read_bytes()) == token(path.read_bytes()) != first
    with open(path, "rb") as file:
        assert token(file) != token(file)
    paginum.save(path, {"x": VALUES + 1, "y": [1]})
    assert token(path) != first


def test_datasets_of_xarray_do_not_say_how_a_file_is_laid_out(path):
    xarray = pytest.importorskip("xarray")
    from paginum.xarray import Backend

    with xarray.open_dataset(pathlib.Path(path), engine=Backend) as data:
        assert data.attrs == {} and data["x"].shape == (4, 6)


@pytest.mark.parametrize("extension", ["npy", "pco"])
def test_the_array_of_a_file_of_one_is_called_like_the_file_too(folder, extension):
    paginum.save(folder / f"wind.{extension}", VALUES)
    with paginum.open(folder / f"wind.{extension}") as file:
        assert np.array_equal(file["wind"][:], VALUES) and np.array_equal(file["array"][:], VALUES)
        assert list(file) == ["array"] and "wind" in file and "rain" not in file
        with pytest.raises(KeyError, match='called "array"'):
            file["rain"]
    paginum.save(folder / "wind.npz", {"array": [1], "b": [2]})
    assert "wind" not in paginum.open(folder / "wind.npz")


def test_columns_without_any_character_are_read(folder):
    (folder / "a.csv").write_text('x,y,z\n1,,""\n2,,""\n')
    with paginum.open(folder / "a.csv") as file:
        for name in ("y", "z"):
            assert np.ma.getdata(file[name][:]).tolist() == ["", ""] and file[name].shape == (2,)
            assert np.ma.getdata(file[name][[1, 0]]).tolist() == ["", ""] and file[name][::-1].shape == (2,)
    nothing = np.ndarray((3,), "U0")
    paginum.save(folder / "a.pv", {"x": nothing})
    assert paginum.open(folder / "a.pv")["x"][:].tolist() == ["", "", ""]
    paginum.convert(folder / "a.csv", folder / "b.pv")
    assert sorted(paginum.open(folder / "b.pv")) == ["x", "y", "z"]


def frame_of(pd):
    return pd.DataFrame(
        {
            "i": np.arange(4, dtype="i4"),
            "x": [0.5, np.nan, 2.0, 3.0],
            "when": np.array(["2024-05-01", "NaT", "2024-05-03", "2024-05-04"], "M8[ns]"),
            "who": ["ann", "", None, "温度"],
            "n": pd.array([1, None, 3, 4], dtype="Int16"),
            "ok": pd.array([True, False, None, True], dtype="boolean"),
            "kind": pd.Categorical(["b", "a", "b", "b"]),
        },
        index=[10, 20, 30, 40],
    )


def check_columns(file, prefix=""):
    read = {name: file[f"{prefix}{name}"][:] for name in ("i", "x", "when", "who", "n", "ok", "kind")}
    assert len(file) == len(read) and read["i"].tolist() == [0, 1, 2, 3]
    assert np.array_equal(read["x"], [0.5, np.nan, 2, 3], equal_nan=True)
    assert np.array_equal(np.isnat(read["when"]), [False, True, False, False]) and read["when"].dtype.kind == "M"
    assert read["who"].dtype.kind == "U" and read["who"].tolist() == ["ann", "", None, "温度"]
    assert read["n"].tolist() == [1, None, 3, 4] and read["n"].dtype == "i2"
    assert read["ok"].tolist() == [True, False, None, True] and read["ok"].dtype == bool
    assert read["kind"].tolist() == ["b", "a", "b", "b"]


def test_each_column_of_a_frame_is_an_array(folder):
    pd = pytest.importorskip("pandas")
    frame = frame_of(pd)
    paginum.save(folder / "a.pv", frame)
    with paginum.open(folder / "a.pv") as file:
        assert list(file) == list(frame.columns)
        check_columns(file)
    paginum.save(folder / "b.pv", {"t": frame})
    with paginum.open(folder / "b.pv") as file:
        check_columns(file, "t/")
    paginum.append(folder / "a.pv", frame[["i"]].rename(columns={"i": "more"}))
    with paginum.open(folder / "a.pv", "a") as file:
        file["again"] = frame["who"]
    with paginum.open(folder / "a.pv") as file:
        assert file["more"][:].tolist() == [0, 1, 2, 3] and file["again"][:].tolist() == ["ann", "", None, "温度"]
    # Where no row lacks a value, other formats hold it, too.
    paginum.save(folder / "a.npz", frame[["i", "x", "kind"]])
    assert np.load(folder / "a.npz")["kind"].tolist() == ["b", "a", "b", "b"]
    old = frame[["who"]].astype(object)
    paginum.save(folder / "old.pv", old)
    assert paginum.open(folder / "old.pv")["who"][:].tolist() == ["ann", "", None, "温度"]


def test_columns_of_a_frame_that_are_no_arrays_say_what_helps(folder):
    pd = pytest.importorskip("pandas")
    place = folder / "a.pv"
    zoned = pd.DataFrame({"t": pd.to_datetime(["2024-05-01"]).tz_localize("UTC")})
    mixed = pd.DataFrame({"m": pd.Series([1, "a"], dtype=object)})
    twice = pd.DataFrame([[1, 2]], columns=["a", "a"])
    for frame, kind, words in [
        (zoned, TypeError, "column 't'.*time zone.*tz_convert"),
        (mixed, TypeError, "column 'm'.*holds a int.*astype"),
        (pd.DataFrame({"p": pd.period_range("2024", periods=2)}), TypeError, "column 'p'.*Period"),
        (twice, paginum.InvalidArgumentError, "two columns named 'a'"),
        (pd.DataFrame([[1, 2]]), TypeError, "column 0.*rename"),
    ]:
        for given in (frame, {"x": frame}):
            with pytest.raises(kind, match=words):
                paginum.save(place, given)
    with pytest.raises(TypeError, match=r"a \.npy holds one.*to_numpy"):
        paginum.save(folder / "a.npy", pd.DataFrame({"a": [1.5]}))
    assert not place.exists()


def test_each_column_of_a_table_of_arrow_is_an_array(folder):
    pa = pytest.importorskip("pyarrow")
    table = pa.table(
        {
            "i": pa.array([0, 1, 2, 3], "i4"),
            "x": [0.5, float("nan"), 2.0, 3.0],
            "when": pa.array([0, None, 2, 3], pa.timestamp("us")),
            "who": ["ann", "", None, "温度"],
            "n": pa.array([1, None, 3, 4], "i2"),
            "ok": [True, False, None, True],
            "kind": pa.array(["b", "a", "b", "b"]).dictionary_encode(),
        }
    )
    for given, prefix in [(table, ""), (pa.concat_tables([table[:1], table[1:]]), ""), ({"t": table}, "t/")]:
        paginum.save(folder / "a.pv", given)
        with paginum.open(folder / "a.pv") as file:
            check_columns(file, prefix)
    paginum.save(folder / "b.pv", {"n": table["n"], "batch": table.to_batches()[0].select(["i"])})
    with paginum.open(folder / "b.pv") as file:
        assert sorted(file) == ["batch/i", "n"] and file["n"][:].tolist() == [1, None, 3, 4]
    with pytest.raises(TypeError, match="column 'l'.*list"):
        paginum.save(folder / "c.pv", pa.table({"l": [[1], [2, 3]]}))
    with pytest.raises(TypeError, match="column 't'.*time zone"):
        paginum.save(folder / "c.pv", pa.table({"t": pa.array([0], pa.timestamp("s", "UTC"))}))


def test_each_column_of_a_frame_of_polars_is_an_array(folder):
    pl = pytest.importorskip("polars")
    frame = pl.DataFrame(
        {
            "i": pl.Series([0, 1, 2, 3], dtype=pl.Int32),
            "x": [0.5, float("nan"), 2.0, 3.0],
            "when": pl.Series([0, None, 2, 3]).cast(pl.Datetime("us")),
            "who": ["ann", "", None, "温度"],
            "n": pl.Series([1, None, 3, 4], dtype=pl.Int16),
            "ok": [True, False, None, True],
            "kind": pl.Series(["b", "a", "b", "b"], dtype=pl.Categorical),
        }
    )
    for given, prefix in [(frame, ""), (pl.concat([frame[:1], frame[1:]], rechunk=False), ""), ({"t": frame}, "t/")]:
        paginum.save(folder / "a.pv", given)
        with paginum.open(folder / "a.pv") as file:
            check_columns(file, prefix)
    more = {
        "n": frame["n"],
        "day": pl.Series([0, 1]).cast(pl.Date),
        "span": pl.Series([5, None]).cast(pl.Duration("ms")),
        "pairs": pl.Series([[1, 2], [3, 4]], dtype=pl.Array(pl.Int64, 2)),
        "none": pl.Series([None, None]),
        "level": pl.Series(["lo", None], dtype=pl.Enum(["lo", "hi"])),
    }
    paginum.append(folder / "a.pv", more)
    with paginum.open(folder / "a.pv") as file:
        assert file["n"][:].tolist() == [1, None, 3, 4] and file["level"][:].tolist() == ["lo", None]
        assert file["day"].dtype == "M8[D]" and file["span"].dtype == "m8[ms]" and np.isnat(file["span"][1])
        assert file["pairs"][:].tolist() == [[1, 2], [3, 4]] and file["none"][:].mask.all()
    zoned = pl.Series([0]).cast(pl.Datetime("us", "UTC"))
    for column, words in [
        (zoned, "column 'c'.*time zone.*replace_time_zone"),
        (pl.Series([[1], [2, 3]]), r"column 'c'.*holds a list.*\.cast\(pl"),
        (pl.Series([[1.5, None]], dtype=pl.Array(pl.Float64, 2)), "column 'c'.*holds a list"),
        (pl.Series([1], dtype=pl.Int128), "column 'c': Int128.*holds a int"),
        (pl.Series([0]).cast(pl.Time), "column 'c'.*holds a time"),
    ]:
        with pytest.raises(TypeError, match=words):
            paginum.save(folder / "c.pv", pl.DataFrame({"c": column}))
    with pytest.raises(TypeError, match="LazyFrame.*collect"):
        paginum.save(folder / "c.pv", frame.lazy())
    with pytest.raises(TypeError, match=r"a \.npy holds one"):
        paginum.save(folder / "a.npy", frame)
    assert not (folder / "c.pv").exists()


def test_no_name_is_said_at_its_length(folder):
    long = "start" + "\x1b[31m" * 13_000 + "end"
    paginum.save(folder / "a.npz", {long: [1, 2], "b": [3]})
    whole = bytearray((folder / "a.npz").read_bytes())
    whole[whole.index(b"PK\x03\x04", 4) - 60] ^= 1
    (folder / "damaged.npz").write_bytes(whole)
    with paginum.open(folder / "a.npz") as file, paginum.open(folder / "damaged.npz") as damaged:
        for fails in (lambda: file[long + "x"], lambda: file[long][9], lambda: damaged[long][:]):
            with pytest.raises((KeyError, IndexError, paginum.Error)) as caught:
                fails()
            assert len(str(caught.value)) < 3_000 and "\x1b" not in str(caught.value)
        assert caught.value.array == long

"""The examples of the docstrings, of the README and of the pages of `docs` run."""

import doctest
import importlib
import pathlib
import pkgutil

import paginum
import pytest

REPOSITORY = pathlib.Path(__file__).parents[2]


def modules():
    found = pkgutil.walk_packages(paginum.__path__, "paginum.")
    return ["paginum", *(module.name for module in found if module.name != "paginum._core")]


@pytest.mark.parametrize("name", modules())
def test_docstrings_run(name, folder):
    try:
        module = importlib.import_module(name)
    except ImportError as error:
        pytest.skip(str(error))
    result = doctest.testmod(module, extraglobs={"folder": folder})
    assert result.failed == 0


def snippets(page):
    """What stands between ```python and ``` on a page."""
    parts = (REPOSITORY / page).read_text(encoding="utf-8").split("```python\n")[1:]
    return [part.split("```")[0] for part in parts]


def pages():
    docs = (REPOSITORY / "docs" / "python").glob("*.md")
    return ["README.md", "docs/SCALE.md", *sorted(str(page.relative_to(REPOSITORY)) for page in docs)]


@pytest.mark.parametrize("page", pages())
def test_pages_run(page, folder, monkeypatch):
    monkeypatch.chdir(folder)
    found = snippets(page)
    assert found
    names, missing = {}, []
    for snippet in found:
        try:
            exec(compile(snippet, page, "exec"), names)
        except ImportError as error:  # what it needs is not in this environment: the others run
            missing.append(str(error))
    if len(missing) == len(found):
        pytest.skip("; ".join(missing))

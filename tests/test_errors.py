"""The error tree, and the sentence for a missing extra."""

import inspect

import pytest

from moviequery import errors
from moviequery.errors import MissingExtraError, MovieQueryError, require


def test_every_error_is_in_the_tree_and_in_the_drawing():
    found = [
        item
        for _, item in inspect.getmembers(errors, inspect.isclass)
        if item.__module__ == errors.__name__
    ]
    assert len(found) >= 9
    for error in found:
        assert issubclass(error, MovieQueryError)
        assert error.__name__ in errors.__doc__


def test_a_missing_package_names_its_extra():
    with pytest.raises(MissingExtraError, match=r"pip install 'moviequery\[shacl\]'"):
        require("no_such_package_here", "shacl")


def test_a_broken_package_is_not_called_missing(tmp_path, monkeypatch):
    (tmp_path / "broken_package.py").write_text("import no_such_package_here")
    monkeypatch.syspath_prepend(tmp_path)
    with pytest.raises(ModuleNotFoundError) as error:
        require("broken_package", "train")
    assert not isinstance(error.value, MissingExtraError)

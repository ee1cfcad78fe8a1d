"""Conda files and their packages, as conda reads them and as they are hashed."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from reconciler.language.definition.conda import parse_conda
from reconciler.language.definition.conda_spec import parse_spec
from reconciler.language.span import RefusedError
from reconciler.model.diagnostic import Severity


@pytest.mark.parametrize(
    ("written", "normal"),
    [
        ("numpy", "numpy"),
        ("pytorch>=2,<3=*cuda*", "pytorch[build=*cuda*,version='<3,>=2']"),
        ("numpy 1.26|1.27 py3*", "numpy[build=py3*,version='==1.26|==1.27']"),
        ("NumPy = 1.26", "numpy=1.26"),
        ("numpy=1.26", "numpy=1.26"),
        ("numpy==1.26", "numpy==1.26"),
        ("numpy 1.26.4", "numpy==1.26.4"),
        ("numpy 1.26.*", "numpy=1.26.*"),
        ("numpy 1.26.4 py310_0", "numpy=1.26.4=py310_0"),
        ("numpy=1.26.4=py310_0", "numpy=1.26.4=py310_0"),
        ("numpy==1.26.4=py310_0", "numpy=1.26.4=py310_0"),
        ("numpy >= 1.24 , < 2", "numpy<2,>=1.24"),
        ("numpy>=1.24,<2", "numpy<2,>=1.24"),
        ("PyJWT < 2.0.0", "pyjwt<2.0.0"),
        ("numpy=1.24|>=1.26", "numpy=1.24|>=1.26"),
        ("numpy=1.24.*,!=1.24.3", "numpy!=1.24.3,=1.24.*"),
        ("numpy=1.24|1.26", "numpy=1.24|==1.26"),
        ("numpy 1.24|1.26.*", "numpy==1.24|=1.26.*"),
        ("numpy[version=1.2]", "numpy==1.2"),
        ("numpy=1.2[build=x]", "numpy=1.2.*=x"),
        ("numpy==1.2[build=x]", "numpy=1.2=x"),
        ("numpy~=1.21.0", "numpy~=1.21.0"),
        ("python=3.7.*", "python=3.7.*"),
        ("x264=1!157.20191217=h7b6447c_0", "x264=1!157.20191217=h7b6447c_0"),
        ("conda-forge::numpy=1.26", "conda-forge::numpy=1.26"),
        ("pytorch=*=*cuda*", "pytorch=*=*cuda*"),
        ("ruamel_yaml", "ruamel_yaml"),
        ("numpy[version='>=1.2,<2', build=py310*]", "numpy[build=py310*,version='<2,>=1.2']"),
        ("numpy=1.2[channel=conda-forge]", "conda-forge::numpy=1.2"),
        ("https://c.example/linux-64/p-1-0.conda", "https://c.example/linux-64/p-1-0.conda"),
    ],
)
def test_a_package_has_one_spelling(written: str, normal: str) -> None:
    assert parse_spec(written).text == normal
    assert parse_spec(normal).text == normal


@pytest.mark.parametrize("left", ["numpy=1.26", "numpy==1.26", "numpy=1.26=py310_0", "a::numpy=1.26", "numpy"])
@pytest.mark.parametrize("right", ["numpy=1.26.0", "numpy<=1.26", "numpy=1.26=py311_0", "b::numpy=1.26", "scipy"])
def test_packages_that_mean_something_else_are_spelled_differently(left: str, right: str) -> None:
    assert parse_spec(left).text != parse_spec(right).text


@pytest.mark.parametrize(
    "written",
    [
        *("", "=1.26", "numpy=", "numpy 1 2 3", "numpy[x=1]", "::numpy", "a b::numpy", "-r x"),
        *("numpy(>=1)", "*", "2022-01-01", "numpy=1.2,"),
    ],
)
def test_what_conda_could_not_read_is_explained(written: str) -> None:
    with pytest.raises(RefusedError) as refused:
        parse_spec(written)
    assert refused.value.summary == "Invalid conda package"


def test_a_file_is_read_in_order_and_its_name_means_nothing() -> None:
    conda = parse_conda(
        {
            "dependencies": ["python=3.11", {"pip": ["-r ../x.txt", "Pandas == 2"]}, "numpy"],
            "channels": ["conda-forge/", "https://c.example/stable"],
            "name": "one",
            "prefix": "/opt/one",
        }
    )
    assert conda.findings == []
    assert conda.channels == ["conda-forge", "https://c.example/stable"]
    assert [spec.text for _, spec in conda.dependencies] == ["python=3.11", "numpy"]
    assert [(path, entry.text) for path, entry in conda.pip] == [
        (("dependencies", 1, "pip", 0), "--requirement ../x.txt"),
        (("dependencies", 1, "pip", 1), "pandas==2"),
    ]


@pytest.mark.parametrize(
    ("tree", "path", "said"),
    [
        (["python"], (), "mapping"),
        ("python", (), "mapping"),
        ({"channels": "conda-forge", "dependencies": []}, ("channels",), "list"),
        ({"dependencies": "python"}, ("dependencies",), "list"),
        ({"dependencies": [3.11]}, ("dependencies", 0), "3.11"),
        ({"dependencies": [None]}, ("dependencies", 0), "nothing"),
        ({"dependencies": [{"pi": ["x"]}]}, ("dependencies", 0, "pi"), "did you mean `pip`?"),
        ({"dependencies": [{"pip": "x"}]}, ("dependencies", 0, "pip"), "list"),
        ({"dependencies": ["a", {"pip": ["ok", "a=1"]}]}, ("dependencies", 1, "pip", 1), "a==1"),
        ({"dependencies": ["a", {"pip": None}]}, ("dependencies", 1, "pip"), "nothing"),
        ({"dependencies": [{"pip": ["a"]}, {"pip": ["b"]}]}, ("dependencies", 1, "pip"), "only the last one"),
        ({"dependencies": None}, ("dependencies",), "leave it out"),
        ({"dependencies": ["a"], "channels": None}, ("channels",), "leave it out"),
        ({"dependencies": ["a"], "Name": "x"}, ("Name",), "did you mean `name`?"),
        ({"dependencies": [], "chanels": []}, ("chanels",), "did you mean `channels`?"),
        ({"python": "3.8", "build_dependencies": [], "dependencies": ["-r r.txt"]}, ("python",), "MLflow"),
        ({"dependencies": [], "channels": ["https://user:pw@c.example"]}, ("channels", 0), "credentials"),
        ({"dependencies": [], "channels": ["https://c.example/t/tk-123/stable"]}, ("channels", 0), "credentials"),
        ({"dependencies": [], "variables": {"API_TOKEN": "x"}}, ("variables", "API_TOKEN"), "secret"),
    ],
)  # fmt: skip
def test_a_mistake_is_told_at_its_place(tree: object, path: tuple[str | int, ...], said: str) -> None:
    (finding,) = (found for found in parse_conda(tree).findings if found.severity is Severity.ERROR)
    assert finding.path == path
    assert said in f"{finding.detail} {finding.hint}"


_leaf = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20)
_tree = st.recursive(_leaf, lambda x: st.lists(x, max_size=4) | st.dictionaries(st.text(max_size=12), x, max_size=4))
_keys = st.sampled_from(["name", "channels", "dependencies", "variables", "prefix"])


@settings(max_examples=200, deadline=None)
@given(_tree | st.dictionaries(_keys, _tree, max_size=4))
def test_any_tree_is_read_or_refused_in_words(tree: object) -> None:
    assert all(finding.summary and finding.detail for finding in parse_conda(tree).findings)

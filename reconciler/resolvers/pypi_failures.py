"""What uv says when it cannot resolve, in our shape: which kind of problem, uv's own words, and what was asked."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from reconciler.model.diagnostic import ResolutionError
from reconciler.model.frozen import dataclass
from reconciler.model.pattern import lazy_pattern
from reconciler.model.suggestion import did_you_mean
from reconciler.resolvers.pypi_addresses import redacted
from reconciler.resolvers.pypi_request import Request

# Names that people try which belong to a module or to nobody, and the package that has what they mean.
_MEANT = {
    "attr": "attrs", "bs4": "beautifulsoup4", "cv2": "opencv-python", "dateutil": "python-dateutil",
    "dotenv": "python-dotenv", "fitz": "pymupdf", "google-cloud": "google-cloud-storage", "jwt": "pyjwt",
    "mpl-toolkits": "matplotlib", "opencv": "opencv-python", "pil": "pillow", "pytorch": "torch",
    "skimage": "scikit-image", "sklearn": "scikit-learn", "tensorflow-cpu-aws": "tensorflow-cpu", "yaml": "pyyaml",
}  # fmt: skip
_WELL_KNOWN = (
    "accelerate", "aiohttp", "azure-ai-ml", "azure-identity", "azureml-core", "azureml-mlflow", "beautifulsoup4",
    "boto3", "catboost", "click", "cloudpickle", "dask", "datasets", "diffusers", "distributed", "fastapi", "flask",
    "gunicorn", "huggingface-hub", "ipykernel", "jinja2", "joblib", "jupyterlab", "keras", "lightgbm", "lxml",
    "matplotlib", "mlflow", "networkx", "nltk", "numba", "numpy", "onnx", "onnxruntime", "opencv-python",
    "opencv-python-headless", "optuna", "pandas", "pillow", "polars", "protobuf", "psutil", "psycopg2-binary",
    "pyarrow", "pydantic", "pytest", "python-dateutil", "pyyaml", "requests", "scikit-image", "scikit-learn", "scipy",
    "seaborn", "sentence-transformers", "sentencepiece", "shap", "spacy", "sqlalchemy", "statsmodels", "tensorboard",
    "tensorflow", "tokenizers", "torch", "torchaudio", "torchvision", "tqdm", "transformers", "urllib3", "uvicorn",
    "xgboost",
)  # fmt: skip
_ABSENT = lazy_pattern(
    r"(?:Because|and) ([a-z0-9-]+) was not found in (?:the package registry|the provided package loc)"
)
_NO_WHEEL = lazy_pattern(r"all versions of ([a-z0-9-]+) have no usable wheels|([a-z0-9-]+)\S* has no usable wheels")
_UNBUILT = lazy_pattern(
    r"Building source distributions? (?:for )?`?([^`]+)`? is disabled|Building source dist\S+ is dis"
)
_REFUSED = lazy_pattern(r"\b(401|403)\b|lack of valid authentication|Unauthorized|Forbidden|Missing credentials")
_AWAY = lazy_pattern(
    r"Request failed after|error sending request|operation timed out|timed out|tcp connect error|dns error|connection "
    r"(?:closed|reset|refused)|Could not connect|HTTP status server error|\b(?:429|50[0234])\b [A-Z]|Failed to fetch"
    r"|error decoding response|network",
    re.IGNORECASE,
)
_EMPTY = lazy_pattern(r"there are no versions of ([a-z0-9-]+)")
_GONE = lazy_pattern(r"HTTP status client error \((?:404|410)[^)]*\) for url \(([^)]*)\)")
_OFFLINE = lazy_pattern(r"network (?:connectivity is|was|is) disabled|was not found in the cache", re.IGNORECASE)
_ADVICE = lazy_pattern(r"--(?:index-strategy|no-build|prerelease|only-binary|no-binary|offline|find-links)")
_ELSEWHERE = lazy_pattern(r"`\S+` was found on \S+, but not at the requested version \(.*?\)\.")
_AT_MOST = 4000
_LAST = 20
_SECOND_INDEX = (
    "A package is looked for in one index only, the first that has any version of it, so that nobody slips in packages "
    "of the same name elsewhere. Indexes of this machine's configuration count, unless `--index-url` names one in the "
    "requirements."
)
_SOURCE_ONLY = (
    "There is no wheel, only source, and planning runs nobody's code. Build a wheel and keep it in the project or in "
    "an index, or allow builds by `allow_source_builds = true`."
)


_PAGE_WITHOUT_FILES = (
    "The index has a page for `{}` without a file that may be chosen: there is none on it, `exclude_newer` leaves out "
    "all, or something else answers in the place of the index, such as a page to log in at."
)


@dataclass(frozen=True, slots=True)
class _Kind:
    summary: str
    why: str
    temporary: bool = False


_KINDS = (
    (_OFFLINE, _Kind("Package index is out of reach", "The network is switched off for uv (`UV_OFFLINE`), and what was "
                     "kept from earlier runs is not enough. Switch it on once.", temporary=True)),
    (_REFUSED, _Kind("Package index refused access", "An index wants credentials, or refuses those that it got, so "
                     "nobody can tell what it has. Put them into netrc, or into the configuration of pip or uv on this "
                     "machine; they never belong into a definition.")),
    (_GONE, _Kind("Package file not found", "There is nothing at an address that the requirements name.")),
    (_AWAY, _Kind("Package index is out of reach", "An index did not answer, so nobody can tell what it has.",
                  temporary=True)),
    (_UNBUILT, _Kind("Package needs a build", "What a package is called and needs is only known once its build has "
                     "run, and planning runs nobody's code. Name a wheel of it, or allow the build by "
                     "`allow_source_builds = true`.")),
)  # fmt: skip
_UNNAMED = _KINDS[-1][1]  # a folder whose name only its build knows is not named by uv either
_UNSATISFIED = _Kind("Requirements cannot be met", "No set of packages has all that the definition asks for:")
_OTHER = _Kind("Packages could not be resolved", "uv, which chooses packages, stopped:")


def failure(told: str, packages: Sequence[str], request: Request) -> ResolutionError:
    """The error for uv's words. `causes` are the requirements that these name."""
    words = _clean(told, request)
    kind = _kind(words)
    named = tuple(text for text in packages if _is_named(text, words))
    if kind is _UNNAMED and not named:
        named = tuple(text for text in packages if text.startswith("./") or "://" in text)
    asked = "".join(f"\n    {redacted(text)}" for text in named)
    detail = f"{kind.why}\n\n" + "\n".join(f"    {line}".rstrip() for line in _shown(words))
    if asked and kind is not _OTHER:
        detail += f"\n\nAsked for by:\n{asked}"
    if "--index-strategy" in words:
        detail += f"\n\n{_SECOND_INDEX}"
    if _NO_WHEEL.search(words):
        detail += f"\n\n{_SOURCE_ONLY}"
    if found := _EMPTY.search(words):
        detail += f"\n\n{_PAGE_WITHOUT_FILES.format(found[1])}"
    error = ResolutionError(kind.summary, detail, hint=_meant(words), temporary=kind.temporary)
    error.causes = named
    return error


def unbuilt(told: str, source: str, request: Request) -> ResolutionError:
    """The error for a build that failed, with the last lines that it said."""
    said = [line for line in _clean(told, request).splitlines() if line.strip()][-_LAST:]
    shown = "".join(f"\n    {line}" for line in said)
    return ResolutionError(
        "Package cannot be built", f"The build of `{source}` failed. The last that it said:\n{shown}"
    )


def _kind(words: str) -> _Kind:
    """A conflict may hold words that look like an outage; an outage is no conflict."""
    conflict = "No solution found" in words
    for pattern, kind in _KINDS[:2] if conflict else _KINDS:
        if pattern.search(words):
            return kind
    return _UNSATISFIED if conflict else _OTHER


def _clean(told: str, request: Request) -> str:
    text = redacted(told)
    for address, name in request.local.items():
        text = text.replace(address, f"./{name}").replace(address.removeprefix("file://"), f"./{name}")
    return text


def _shown(words: str) -> Iterable[str]:
    """The lines without uv's drawing, the advice that names its own flags, and what is no part of the problem."""
    lines = []
    for line in words[:_AT_MOST].splitlines():
        bare = re.sub(r"^(?:[\s×╰├─▶│]|error: |cause: |Caused by: )+", "", line).rstrip()  # noqa: RUF001
        if not bare or bare.startswith(("warning:", "No solution found", "Resolved ", "Updating ")):
            continue
        if bare.startswith("hint:") and _ADVICE.search(bare):
            if found := _ELSEWHERE.search(bare):
                lines.append(found.group())
            continue
        lines.append(bare)
    return lines


def _is_named(requirement: str, words: str) -> bool:
    found = re.match(r"[A-Za-z0-9][A-Za-z0-9._-]*", requirement.removeprefix("./"))
    name = re.sub(r"[-_.]+", "-", found.group()).lower() if found else requirement
    return re.search(rf"(?<![\w-]){re.escape(name)}(?![\w-])", words) is not None or requirement in words


def _meant(words: str) -> str:
    for name in (*_ABSENT.findall(words), *(one or other for one, other in _NO_WHEEL.findall(words))):
        if known := _MEANT.get(name):
            return f"did you mean `{known}`?"
        if name in _ABSENT.findall(words) and (hint := did_you_mean(name, _WELL_KNOWN)):
            return hint
    return ""

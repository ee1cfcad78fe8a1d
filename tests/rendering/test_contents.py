"""What a plan shows of packages, contexts and details."""

from __future__ import annotations

from dataclasses import replace

from reconciler.model.address import Address
from reconciler.model.definition import Artefact, Conda, Context, Definition, Lock
from reconciler.model.details import Details, InferenceConfig, Route
from reconciler.model.digest import Digest
from reconciler.model.plan import Action, Change, DefinitionChanged, Desired, ImageOutcome
from reconciler.model.state import Record
from reconciler.rendering.changes import change_lines
from reconciler.rendering.style import PLAIN

BASE = Digest.of(b"base")
PIP = Definition("x:1", BASE, "linux/amd64", ("numpy==1", "pandas", "scipy", "torch"))
CONDA = replace(PIP, conda=Conda(("main",), ("python=3.11",)))


def changed(before: Definition, after: Definition, details: Details | None = None) -> Change:
    """The new version of one environment; nobody knows its image yet."""
    record = Record("1", before.hash, before, BASE, BASE, "2026-01-01T00:00:00Z")
    desired = Desired("2", after.hash, after, None, "", {}, None, details or Details())
    reasons = (DefinitionChanged(("packages[0]",)),)
    return Change(Address.of("a"), "a", Action.NEW_VERSION, ImageOutcome.BUILD, reasons, record, desired)


def drawn(change: Change) -> str:
    """The change as it is shown."""
    return "\n".join(change_lines(change, PLAIN)) + "\n"


def test_packages_are_a_list_of_which_one_neighbour_is_shown() -> None:
    after = replace(PIP, packages=("numpy==2", "pandas", "scipy", "torch"))
    assert (
        drawn(changed(PIP, after))
        == f"""\
  # environment.a will get version 2
  # (definition changed: pip[0])
  ± environment "a" {{
      ~ digest      = "{BASE.short}" -> (known after apply)
      ~ hash        = "{PIP.hash[:12]}" -> "{after.hash[:12]}"
        name        = "a"
      ~ pip         = [ # forces rebuild
          ~ "numpy==1" -> "numpy==2",
            "pandas",
            # (2 unchanged elements hidden)
        ]
      ~ version     = "1" -> "2"
        # (3 unchanged attributes hidden)
    }}
"""
    )


def test_conda_is_a_block_as_users_write_it() -> None:
    after = replace(CONDA, conda=Conda(("main",), ("python=3.12", "pip")), packages=("numpy==1",))
    assert (
        drawn(changed(CONDA, after)).partition("hidden)\n")[2]
        == """\

      ~ conda { # forces rebuild
          ~ dependencies = [
              - "python=3.11",
              + "python=3.12",
              + "pip",
            ]
          ~ pip          = [
                "numpy==1",
              - "pandas",
              - "scipy",
              - "torch",
            ]
            # (1 unchanged attribute hidden)
        }
    }
"""
    )


def test_a_dockerfile_is_a_text_of_which_lines_differ() -> None:
    before = Definition("", None, "linux/amd64", dockerfile=("FROM x:1", "RUN a", "RUN b"))
    after = replace(before, dockerfile=("FROM x:1", "RUN c", "RUN b"))
    assert """\
      ~ dockerfile = <<-EOT # forces rebuild
            FROM x:1
          - RUN a
          + RUN c
            RUN b
        EOT
""" in drawn(changed(before, after))


def test_a_context_is_shown_by_what_it_hashes_to() -> None:
    context = Context(Digest.of(b"tree"), "Dockerfile", "ctx", {"A": "b"}, "last")
    shown = drawn(changed(PIP, Definition("", None, "linux/amd64", context=context)))
    assert (
        f"""\

      + build {{ # forces rebuild
          + args            = {{
              + "A" = "b"
            }}
          + dockerfile_path = "Dockerfile"
          + files_digest    = "{context.tree.short}"
          + path            = "ctx"
          + target          = "last"
        }}
"""
        in shown
    )
    assert f'- base_digest = "{BASE.short}" -> null # forces rebuild' in shown


def test_what_stands_beside_is_shown_too() -> None:
    live = InferenceConfig(Route("/live", 1), Route("/ready", 2), Route("/score", 3))
    shown = drawn(changed(PIP, PIP, Details({}, {"A": "b"}, live, on_destroy="delete")))
    assert '+ "A" = "b"' in shown
    assert '+ on_destroy            = "delete"\n' in shown
    assert '      + inference_config {\n          + liveness_route {\n              + path = "/live"\n' in shown


def test_packages_that_move_are_told_with_what_has_to_be_fetched() -> None:
    numpy, torch = (
        Artefact(name, "1", f"https://example.org/{name}", Digest.of(name.encode()), 1 << 20)
        for name in ("numpy", "torch")
    )
    newer = replace(numpy, version="2", digest=Digest.of(b"2"), size=3 << 20)
    change = changed(PIP, PIP)
    assert change.after is not None
    desired = replace(change.after, lock=Lock(BASE, "linux/amd64", (newer, torch)))
    shown = drawn(replace(change, after=desired, lock_before=Lock(BASE, "linux/amd64", (numpy, torch))))
    assert "  # (download: at most 3.0 MiB in 1 package)\n" in shown
    assert (
        """\
      ~ packages    = {
          ~ "numpy" = "1" -> "2"
            # (1 unchanged element hidden)
        }
"""
        in shown
    )

"""The chores of the project: `nox` runs the tests, `nox -l` lists the rest."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Sequence
from pathlib import Path
from urllib.request import urlopen

import nox

nox.options.sessions = ["tests"]
nox.options.default_venv_backend = "uv|virtualenv"
nox.options.reuse_existing_virtualenvs = True


PYTHONS = ("3.11", "3.12", "3.13")
APART = tuple(f"--ignore=tests/{name}" for name in ("services", "engines", "browser", "load"))


@nox.session
def tests(session: nox.Session) -> None:
    """All tests, on all cores. Words after -- go to pytest."""
    session.install("-e", ".[test]")
    session.run("pytest", "-n", "auto", *APART, *session.posargs)


@nox.session
def coverage(session: nox.Session) -> None:
    """The same with coverage, which counts what the commands in subprocesses run. Takes longer."""
    session.install("-e", ".[test]")
    report = "--cov-report=term:skip-covered"
    session.run("pytest", "-n", "auto", "--cov", report, *APART, *session.posargs)


@nox.session
def fuzz(session: nox.Session) -> None:
    """300 small random inputs with every transform and scaler; `tests` runs a sample of them."""
    session.install("-e", ".[test]")
    env = {"CLUSTERING_FUZZ": "300"}
    session.run("pytest", "-n", "auto", "tests/fuzz", *session.posargs, env=env)


@nox.session
def services(session: nox.Session) -> None:
    """Databases, buckets and Dagster, on servers the tests start and stop themselves. What is
    absent comes by apt-get.
    """
    has_postgres = shutil.which("initdb") or list(Path("/usr/lib/postgresql").glob("*/bin/initdb"))
    wanted = [
        *([] if has_postgres else ["postgresql"]),
        *([] if shutil.which("chromium") else ["chromium"]),
    ]
    _apt_get(session, wanted)
    session.install("-e", ".[services]")
    session.run(
        "pytest",
        "tests/services",
        *session.posargs,
        env={"CLUSTERING_DAGSTER": str(_dagster(session))},
    )


def _apt_get(session: nox.Session, packages: Sequence[str]) -> None:
    """Install packages of the system, where any are wanted."""
    if packages:
        session.run("apt-get", "update", "-qq", external=True)
        words = ("apt-get", "install", "-y", "-qq", "--no-install-recommends", *packages)
        session.run(*words, external=True)


def _dagster(session: nox.Session) -> Path:
    """The `dagster` of an environment of its own (see docs/how-to/dagster.md)."""
    place = (Path(session.create_tmp()) / "dagster").resolve()
    python = place / "bin" / "python"
    if not python.exists():
        session.run("python", "-m", "venv", str(place))
    needs = ("-r", "clustering/ops/orchestration/requirements.txt")
    session.run(str(python), "-m", "pip", "install", "--quiet", *needs, external=True)
    return place / "bin" / "dagster"


@nox.session
def engines(session: nox.Session) -> None:
    """Dask, Ray, Spark, DuckDB, the launchers and Optuna, for real, on this machine. Java is
    fetched by apt-get if absent.
    """
    _apt_get(session, [] if shutil.which("java") else ["openjdk-17-jre-headless"])
    session.install("-e", ".[engines]")
    session.run("pytest", "-s", "tests/engines", *session.posargs)


@nox.session
def browser(session: nox.Session) -> None:
    """The page in a headless Chromium, judged by axe-core; pictures go to $SCREENSHOTS. Both come
    by apt-get if absent.
    """
    wanted = [name for name in ("chromium", "npm") if not shutil.which(name)]
    _apt_get(session, wanted)
    session.install("-e", ".[browser]")
    session.run("pytest", "tests/browser", *session.posargs)


# what the image installs may be under these; a licence not listed fails the audit
LICENSES = (
    "MIT;BSD;ISC;Apache;Python Software Foundation;PSF;Mozilla Public License 2.0;MPL-2.0;Zlib;"
    "Unlicense;CC0"
)
# no licence in their metadata; read in their repositories (BSD-3-Clause, MIT)
WITHOUT_METADATA = ("dataframely", "skops")


@nox.session
def audit(session: nox.Session) -> None:
    """Risky code (bandit), licences, and known vulnerabilities of all that the image installs.

    pip-audit asks pypi.org. Where that gives no answer, the session says so and ends well; with
    `-- --online`, which CI should use, it fails.
    """
    session.install("-r", "requirements.lock", "bandit[toml]>=1.9,<2", "pip-licenses>=5.5,<6")
    session.run("bandit", "-q", "-r", "clustering", "-c", "pyproject.toml")
    tools = ("bandit", "stevedore", "pip-licenses", "prettytable", "wcwidth", "tomli")
    session.run(
        "pip-licenses",
        "--partial-match",
        f"--allow-only={LICENSES}",
        "--ignore-packages",
        *tools,
        *WITHOUT_METADATA,
    )
    if missing := _no_advisories():
        tell = session.error if "--online" in session.posargs else session.warn
        tell(f"known vulnerabilities were NOT looked up: {missing}")
        return
    session.install("pip-audit>=2.10,<3")
    session.run("pip-audit", "--strict", "--disable-pip", "--requirement", "requirements.lock")


def _no_advisories() -> str:
    """Why the service that pip-audit asks cannot be asked from here; empty where it can."""
    address = "https://pypi.org/pypi/jinja2/2.4.1/json"  # long known to be vulnerable
    try:
        with urlopen(address, timeout=60) as answer:
            return "" if json.load(answer)["vulnerabilities"] else f"{address} names none"
    except (OSError, ValueError, KeyError) as error:
        return f"{address}: {error}"


@nox.session
def faults(session: nox.Session) -> None:
    """Every file operation of run, publish, rollback, promote, export and predict is killed once
    and fails once on a full disk: some 1,800 operations, 3 CPU seconds each, so an hour and a half
    on an idle core. Words after -- choose commands, and operations of a long one (see --help).
    """
    session.install("-e", ".[test]")
    session.run("python", "-m", "tests.faults", *session.posargs, env={"OPENBLAS_NUM_THREADS": "1"})


@nox.session
def load(session: nox.Session) -> None:
    """How a page of 300 categories and 2,000 stores opens in the machine's Chromium."""
    session.install("-e", ".[browser]")
    session.run("pytest", "tests/load", *session.posargs)


@nox.session
def lint(session: nox.Session) -> None:
    """Style, one format; the container files and workflows against their rules."""
    session.install(".[lint]")
    session.run("ruff", "check", ".")
    session.run("ruff", "format", "--check", ".")
    session.run("hadolint", "Dockerfile")
    session.run("check-jsonschema", "--builtin-schema", "vendor.compose-spec", "compose.yaml")
    workflows = map(str, Path(".github/workflows").glob("*.yml"))
    session.run("check-jsonschema", "--builtin-schema", "vendor.github-workflows", *workflows)


@nox.session
def types(session: nox.Session) -> None:
    """Types, strictly."""
    session.install("-e", ".[types]")
    session.run("mypy")


@nox.session
def quality(session: nox.Session) -> None:
    """Clusters found against clusters planted, and held-out sales of the real panel, beside rivals.
    Takes minutes.
    """
    session.install("-e", ".[test]", "rdata")
    session.run(
        "python",
        "-m",
        "tests.quality",
        "--pycaret",
        str(_pycaret(session)),
        "--orange-juice",
        str(_orange_juice(session)),
        *session.posargs,
        env={"OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1"},
    )


def _orange_juice(session: nox.Session) -> Path:
    """A file of Debian's package of bayesm, without R."""
    folder = Path(session.create_tmp()).resolve()
    file = folder / "usr/lib/R/site-library/bayesm/data/orangeJuice.rda"
    if not file.exists():
        with session.chdir(folder):
            session.run("apt-get", "download", "-qq", "r-cran-bayesm", external=True)
            package = str(next(folder.glob("r-cran-bayesm*.deb")))
            session.run("dpkg-deb", "-x", package, ".", external=True)
    return file


@nox.session
def bench(session: nox.Session) -> None:
    """Speed and memory as ratios to rivals in the same run. Words after -- choose parts and sizes
    (see --help).
    """
    session.install("-e", ".[test,bench]")
    session.run(
        "python", "-m", "tests.benchmarks", "--pycaret", str(_pycaret(session)), *session.posargs
    )


def _pycaret(session: nox.Session) -> Path:
    """The interpreter of an environment that has PyCaret, which needs scikit-learn below 1.5."""
    python = (Path(session.cache_dir) / "pycaret" / "bin" / "python").resolve()
    if not python.exists():
        session.run("python", "-m", "venv", str(python.parents[1]))
    # six and an older setuptools are what its own dependencies forgot to ask for
    session.run(
        str(python),
        "-m",
        "pip",
        "install",
        "--quiet",
        "pycaret==3.3.2",
        "six",
        "setuptools<80",
        external=True,
    )
    return python


@nox.session
def lock(session: nox.Session) -> None:
    """Write requirements.lock anew, what the image installs: every version with its hashes, no
    registry address.
    """
    session.install("uv")
    session.run(
        "uv",
        "pip",
        "compile",
        "--quiet",
        "--universal",
        "--generate-hashes",
        "--no-emit-index-url",
        "--no-emit-find-links",
        "--no-header",
        "--python-version",
        "3.11",
        "--extra",
        "prod",
        "pyproject.toml",
        "--output-file",
        "requirements.lock",
    )


@nox.session
def picture(session: nox.Session) -> None:
    """Take docs/pictures: the views of a sample's page, in the machine's Chromium."""
    session.install("-e", ".[browser]")
    folder = session.create_tmp()
    places = {"CLUSTERING_DATA_DIR": f"{folder}/data", "CLUSTERING_OUTPUT_DIR": f"{folder}/outputs"}
    session.run("clustering", "sample", f"{folder}/data", "--dirty")
    take = ("python", "-m", "tests.browser.pictures", folder, "docs/pictures")
    session.run("clustering", "run", env=places)
    session.run(*take, "page", "start", "category", "plans", "store", "edit")
    session.run("clustering", "publish", "--approver", "Ann Lee", env=places)
    session.run("clustering", "run", "baseline.run=v1", "internal.model.k=3", env=places)
    session.run(*take, "changes")


@nox.session
def reference(session: nox.Session) -> None:
    """Write docs/settings.md, docs/tables.md, docs/json.md and docs/schemas anew."""
    session.install("-e", ".[test]")
    session.run("python", "-m", "tests.docs.settings")
    session.run("python", "-m", "tests.docs.tables")
    session.run("python", "-m", "tests.docs.answers")


@nox.session
def docs(session: nox.Session) -> None:
    """Build the site, notebooks included, into outputs/site; broken links are errors. With
    `-- serve` it is shown at http://127.0.0.1:8000 and follows your edits.
    """
    session.install("-e", ".[docs]")
    quiet = {"NO_MKDOCS_2_WARNING": "1"}
    session.run("mkdocs", *(session.posargs or ["build"]), "--strict", env=quiet)


@nox.session
def release(session: nox.Session) -> None:
    """Build dist/ (the wheel from the sdist), check its metadata, and use the wheel in an empty
    environment of each supported Python that is on this machine.
    """
    session.install("build[uv]", "twine")
    dist = Path("dist").resolve()
    shutil.rmtree(dist, ignore_errors=True)
    session.run("python", "-m", "build", "--installer", "uv", "--outdir", str(dist))
    session.run("twine", "check", "--strict", *map(str, dist.iterdir()))
    (wheel,) = dist.glob("*.whl")
    used = [version for version in PYTHONS if _used(session, wheel, version)]
    if not used:
        session.error(f"none of Python {', '.join(PYTHONS)} is on this machine")
    session.log(f"the wheel works with Python {', '.join(used)}")


def _used(session: nox.Session, wheel: Path, version: str) -> bool:
    """Install the wheel in an empty environment and run the sample there, outside the checkout;
    False where this Python is not on the machine.
    """
    place = Path(session.create_tmp()).resolve() / version
    shutil.rmtree(place, ignore_errors=True)
    make = ("uv", "venv", "--quiet", "--no-python-downloads", "--python", version)
    shims = {"PYENV_VERSION": version}  # where pyenv has this Python, its shims show it
    session.run(*make, str(place), success_codes=(0, 1, 2), env=shims)
    programs = place / ("Scripts" if os.name == "nt" else "bin")
    if not programs.is_dir():
        session.warn(f"Python {version} is not on this machine")
        return False
    session.run("uv", "pip", "install", "--quiet", "--python", str(programs / "python"), str(wheel))
    with session.chdir(place):
        for words in ("--version", "sample data --stores 60 --categories 1", "run"):
            session.run(str(programs / "clustering"), *words.split(), external=True)
    return True

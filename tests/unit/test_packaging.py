"""What a user gets who installs Mezhved: archives with everything in them, and a checkout that breaks nothing."""

import ast
import configparser
import importlib.metadata
import importlib.util
import re
import subprocess
import sys
import tarfile
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
CODE_FOLDERS = ("adapter", "signing", "queue", "xsd", "wsdl")


def declared_packages() -> set[str]:
    config = configparser.ConfigParser()
    config.read(ROOT / "setup.cfg", "utf-8")
    return set(config["options"]["packages"].split())


def data_files() -> set[str]:
    """Every file beside the code that the program reads when it runs, by its path from the root."""
    folders = ("xsd", "wsdl", "fixtures", "adapter/registry/data", "adapter/stand/kinds")
    found = [path for folder in folders for path in (ROOT / folder).rglob("*") if path.is_file()]
    found += (ROOT / "adapter/registry/kinds").glob("*/*.py")
    return {path.relative_to(ROOT).as_posix() for path in found if "__pycache__" not in path.parts}


@pytest.fixture(scope="module")
def archives(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """The source archive, and the wheel built from it alone."""
    if importlib.util.find_spec("setuptools") is None:
        pytest.skip("setuptools is missing: pip install -e '.[test]'")
    folder = tmp_path_factory.mktemp("dist")
    tool = [sys.executable, ROOT / "tools" / "distributions.py", folder]
    done = subprocess.run(tool, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    source, wheel = map(Path, done.stdout.split())
    return source, wheel


@pytest.fixture(scope="module")
def wheel_names(archives: tuple[Path, Path]) -> set[str]:
    with zipfile.ZipFile(archives[1]) as wheel:
        return set(wheel.namelist())


def test_the_list_of_packages_equals_the_folders_with_code() -> None:
    kinds = ROOT / "adapter" / "registry" / "kinds"
    folders = {"mezhved"}
    for start in CODE_FOLDERS:
        for path in (ROOT / start).rglob("*.py"):
            if path.parent.parent != kinds:  # found by scanning, shipped as data
                folders.add(".".join(("mezhved", *path.parent.relative_to(ROOT).parts)))
    assert declared_packages() == folders


NOT_IMPORTED = {
    "httptools": "uvicorn's parser of HTTP",
    "legacy-cgi": "spyne's, on Python 3.13",
    "uvloop": "uvicorn's event loop",
}


OF_EXTRAS = {"opentelemetry": "otel"}
"""Packages that are imported only where they are configured: the extra has them."""


def test_what_is_imported_is_declared_and_nothing_else() -> None:
    config = configparser.ConfigParser()
    config.read(ROOT / "setup.cfg", "utf-8")
    lines = config["options"]["install_requires"].split("\n")
    declared = {re.split(r"[\s\[<>=;]", line)[0] for line in lines if line}
    owners = importlib.metadata.packages_distributions()
    imported = set()
    for start in CODE_FOLDERS:
        for path in (ROOT / start).rglob("*.py"):
            for node in ast.walk(ast.parse(path.read_text("utf-8"))):
                names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
                if isinstance(node, ast.ImportFrom) and not node.level:
                    names = [node.module or ""]
                imported |= {name.split(".")[0] for name in names}
    found = imported - {"mezhved", *OF_EXTRAS}
    needed = {name.lower().replace("_", "-") for module in found for name in owners.get(module, [])}
    assert needed - declared == set()
    assert declared - needed == NOT_IMPORTED.keys()
    extras = config["options.extras_require"]
    assert all(package in extras[extra] for package, extra in OF_EXTRAS.items())


def test_the_wheel_has_every_file_that_the_program_reads(wheel_names: set[str]) -> None:
    assert {name for name in data_files() if f"mezhved/{name}" not in wheel_names} == set()
    assert "mezhved/py.typed" in wheel_names
    assert any(name.endswith("dist-info/licenses/LICENSE") for name in wheel_names)


def test_the_wheel_has_all_of_the_code_and_nothing_else(wheel_names: set[str]) -> None:
    code = {path.relative_to(ROOT).as_posix() for start in CODE_FOLDERS for path in (ROOT / start).rglob("*.py")}
    assert {name for name in code if f"mezhved/{name}" not in wheel_names} == set()
    tops = {name.split("/")[1] for name in wheel_names if name.startswith("mezhved/")}
    assert tops <= {*CODE_FOLDERS, "fixtures", "__init__.py", "py.typed", "testing.py"}


def test_the_source_archive_has_what_a_developer_needs(archives: tuple[Path, Path]) -> None:
    with tarfile.open(archives[0]) as tar:
        names = {name.partition("/")[2] for name in tar.getnames()}
    wanted = {"Makefile", "LICENSE", "README.md", "CHANGELOG.md", "CONTRIBUTING.md", "setup.cfg", "ruff.toml"}
    wanted |= {"tests/unit/test_packaging.py", "tools/test.sh", "docs/quickstart.md", ".ci/run"}
    assert wanted - names == set()
    assert data_files() - names == set()


def test_the_wheel_works_from_any_folder(archives: tuple[Path, Path], tmp_path: Path) -> None:
    with zipfile.ZipFile(archives[1]) as wheel:
        wheel.extractall(tmp_path / "site")
    program = """
import sys
sys.path.insert(0, sys.argv[1])
import mezhved
assert mezhved.__file__.startswith(sys.argv[1]), mezhved.__file__
from mezhved.adapter.cli import build_app
build_app()
from mezhved.adapter.registry.kinds import load_kinds
print(sorted(kind.name for kind in load_kinds()))
"""
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    done = subprocess.run(
        [sys.executable, "-I", "-c", program, tmp_path / "site"],
        cwd=elsewhere,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert "worker_card" in done.stdout


def test_the_standard_library_keeps_its_queue() -> None:
    """The folder queue/ has no __init__.py, so that Python started in the root still finds its own module."""
    assert not (ROOT / "queue" / "__init__.py").exists()
    program = "import queue, sys, concurrent.futures; queue.SimpleQueue().put(1); print(queue.__file__)"
    done = subprocess.run([sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert not Path(done.stdout.strip()).is_relative_to(ROOT / "queue")

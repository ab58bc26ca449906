"""The documents say what is so: generated pages are current, the README's commands exist, every dependency has its reason."""

import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from device.config import load

ROOT = Path(__file__).parents[2]
README = (ROOT / "README.md").read_text(encoding="utf-8")


def test_the_generated_pages_are_current() -> None:
    ran = subprocess.run([sys.executable, "docs/generate.py", "--check"], cwd=ROOT, capture_output=True, text=True, check=False)
    assert ran.returncode == 0, ran.stdout + ran.stderr


@pytest.mark.parametrize("command", sorted(set(re.findall(r"byleave ((?:device )?[a-z]+)(?: |`|\n|$)", README))))
def test_every_command_the_readme_names_has_help_with_an_example(command: str) -> None:
    ran = subprocess.run(
        [sys.executable, "-m", "device.cli.main", *command.split(), "--help"], capture_output=True, text=True, check=False
    )
    assert ran.returncode == 0
    assert "Example: byleave" in ran.stdout


@pytest.mark.parametrize("target", sorted(set(re.findall(r"^make ([a-z-]+)", README, re.MULTILINE))))
def test_every_make_target_the_readme_names_exists(target: str) -> None:
    assert re.search(rf"^{target}:", (ROOT / "Makefile").read_text(), re.MULTILINE)


@pytest.mark.parametrize("path", sorted({p for p in re.findall(r"\]\(([^)#]+)\)", README) if "://" not in p}))
def test_everything_the_readme_points_to_is_there(path: str) -> None:
    assert (ROOT / path).exists()


def test_the_readme_s_door_can_be_made(tmp_path: Path) -> None:
    """The second command under "At a real door", run as it stands."""
    line = next(line for line in README.splitlines() if "device init front-door" in line)
    words = re.findall(r'"[^"]*"|\S+', line)[1:]
    ran = subprocess.run(
        [sys.executable, "-m", "device.cli.main", *(word.strip('"') for word in words)],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )
    assert ran.returncode == 0, ran.stderr
    settings = load(tmp_path / "front-door" / "settings.toml")
    assert not settings.simulated
    assert settings.site.name == "Studio Nord"


def test_every_dependency_has_its_reason_and_no_other_has() -> None:
    told = (ROOT / "docs" / "dependencies.md").read_text(encoding="utf-8")
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    wanted = project["project"]["dependencies"] + project["dependency-groups"]["dev"]
    names = {re.match(r"[\w-]+", each)[0].lower() for each in wanted}  # type: ignore[index]  # every one begins with a name
    rows = re.findall(r"^\| ([a-z][\w, -]+?)(?: \(.*?\))? \|", told, re.MULTILINE)
    listed = {name.strip() for row in rows for name in row.split(",")} - {"package"}
    assert listed == names


def test_the_lock_files_hold_every_dependency_with_hashes_and_name_no_index() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    for file, wanted in (
        ("requirements.lock", project["project"]["dependencies"]),
        ("requirements-dev.lock", project["dependency-groups"]["dev"]),
    ):
        text = (ROOT / file).read_text(encoding="utf-8")
        assert "://" not in text
        for each in wanted:
            name = re.match(r"[\w-]+", each)[0].lower().replace("_", "-")  # type: ignore[index]  # as above
            assert re.search(rf"^{name}==[\w.]+.*\\\n\s+--hash=sha256:", text, re.MULTILINE), name


def test_no_document_claims_what_nobody_has_tested() -> None:
    """PAD-07, CUS-07, SAF-14."""
    for path in [ROOT / "README.md", *(ROOT / "docs").rglob("*.md")]:
        text = path.read_text(encoding="utf-8").lower()
        assert "cannot be reversed" not in text
        assert not re.search(r"(?<!not )\bcertified\b(?! or graded)", text), path
        assert "compliant with" not in text

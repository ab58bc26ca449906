"""The README's one command, and the whole story it tells."""

import json
import subprocess
import sys
from pathlib import Path

BYLEAVE = [sys.executable, "-m", "device.cli.main"]


def test_the_whole_story_holds_on_real_pictures_networks_and_processes(tmp_path: Path) -> None:
    """Promises 1, 2, 4, 8, 11 and 12 in one go; CON-01, ALT-04, ALT-06, MIN-02, DEL-05."""
    told = subprocess.run(
        [*BYLEAVE, "demo", "--once", "--json", "--data", str(tmp_path / "kept")], capture_output=True, check=False, text=True
    )
    steps = json.loads(told.stdout)["steps"]
    assert [step["step"] for step in steps if not step["held"]] == []
    assert len(steps) == 13
    assert all(set(step) == {"step", "held", "ms"} for step in steps)
    assert told.returncode == 0
    assert (tmp_path / "kept" / "data" / "door.db").exists()


def test_a_story_that_breaks_says_so_and_exits_non_zero(tmp_path: Path) -> None:
    """The test of the test: with the portraits' stage taken away the first face step cannot hold."""
    folder = tmp_path / "kept"
    script = (
        "import sys; from device.cli import stage; stage.Stage.put = lambda self, who: self._write('who', b'nobody');"
        "from device.cli.main import main; sys.argv = ['byleave', 'demo', '--once', '--json', '--data', sys.argv[1]]; main()"
    )
    told = subprocess.run([sys.executable, "-c", script, str(folder)], capture_output=True, check=False, text=True)
    assert told.returncode == 1
    steps = json.loads(told.stdout)["steps"]
    assert [step["held"] for step in steps] == [True, True, False]

"""Make a virtual environment where there is none, and install into it; `make` calls this.

    python3.13 tools/install.py .venv requirements.txt

Runs before anything is installed: the standard library only. It says what will come, how much and
how long, lets pip show its progress, and says in one sentence what to do when that fails.
"""

from __future__ import annotations

import importlib.util
import os
import runpy
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
supported = runpy.run_path(str(ROOT / "bncore/training/supported.py"))

GB = 1e9
DOWNLOAD_MB = {"with": 700, "without": 200}  # TensorFlow
NEEDED_GB = {"with": 4.0, "without": 1.5}  # unpacked, while the downloads are still there, too


def main(folder: str, requirements: str) -> str:
    """Install; the sentence to end with when it could not be done."""
    venv, lacking = Path(folder), supported["without_tensorflow"]()
    if not works(venv):
        problem = cannot_start(venv, lacking)
        if problem:
            return problem
        print(announcement(lacking), flush=True)
        if subprocess.run([sys.executable, "-m", "venv", "--clear", venv], check=False).returncode:
            return f"The virtual environment {venv} could not be made: the lines above say why."
    return "" if pip(venv, requirements) == 0 else pip_failed(free_gb(venv), lacking)


def works(venv: Path) -> bool:
    """Whether there is an environment whose interpreter and pip run (interpreters get removed)."""
    try:
        asked = subprocess.run([python(venv), "-m", "pip", "--version"], capture_output=True)
    except OSError:
        return False
    return asked.returncode == 0


def python(venv: Path) -> Path:
    return venv / "bin" / "python"


def free_gb(folder: Path) -> float:
    """Free space on the disk where `folder` is or will be."""
    there = next(each for each in [folder.absolute(), *folder.absolute().parents] if each.exists())
    return shutil.disk_usage(there).free / GB


def cannot_start(venv: Path, lacking: str) -> str:
    """What would stop the installation half-way, told before it starts; "" if nothing."""
    if not importlib.util.find_spec("ensurepip"):
        name = "python{}.{}".format(*sys.version_info[:2])
        return (
            f"{sys.executable} cannot make virtual environments. "
            f"On Debian and Ubuntu, `apt install {name}-venv` adds what is missing."
        )
    free, needed = free_gb(venv), NEEDED_GB[tensorflow(lacking)]
    if free < needed:
        return (
            f"The installation needs about {needed:g} GB of free disk, and there are {free:.1f} GB "
            f"at {venv.absolute().parent}. Make room and run the same command again."
        )
    return ""


def tensorflow(lacking: str) -> str:
    return "without" if lacking else "with"


def announcement(lacking: str) -> str:
    """What will be installed, said before it starts."""
    version = "{}.{}.{}".format(*sys.version_info[:3])
    size = DOWNLOAD_MB[tensorflow(lacking)]
    minutes = round(size * 8 / 100 / 60) + 1
    lines = [
        f"Installing with Python {version}, once: about {size} MB come ({minutes} minutes at "
        "100 Mbit/s), then they are unpacked, which takes some minutes without a word."
    ]
    if lacking:
        lines.append(f"Everything but training is installed: {lacking}")
    return "\n".join(lines)


def pip(venv: Path, requirements: str) -> int:
    """pip with its progress shown. Its temporary files go to the disk that was looked at: /tmp
    is often small."""
    temporary = venv / "tmp"
    temporary.mkdir(exist_ok=True)
    command = ["-m", "pip", "install", "--disable-pip-version-check", "-r", requirements]
    try:
        return subprocess.run(
            [python(venv), *command], env={**os.environ, "TMPDIR": str(temporary.absolute())}
        ).returncode
    finally:
        shutil.rmtree(temporary, ignore_errors=True)


def pip_failed(free: float, lacking: str) -> str:
    """What to do after pip has given up."""
    needed = NEEDED_GB[tensorflow(lacking)]
    if free < needed / 4:
        return (
            f"The installation stopped: the disk has {free:.1f} GB left, and about {needed:g} GB "
            "are needed in all. Make room and run the same command again."
        )
    return (
        "The installation stopped; pip's last lines above say why. If the connection broke, run "
        "the same command again: what has come is kept."
    )


if __name__ == "__main__":
    try:
        sys.exit(main(*sys.argv[1:]) or 0)
    except KeyboardInterrupt:
        sys.exit("Interrupted. Run the same command again to go on: what has come is kept.")

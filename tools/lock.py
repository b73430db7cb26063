"""Resolves dependencies anew and writes lock files that carry hashes and no addresses."""

import subprocess
import sys
from pathlib import Path

from install import ROOT, node_environment, npm

UV = Path(sys.executable).with_name("uv")
OPTIONS = (
    "--universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header --upgrade".split()
)


def main() -> None:
    base, dev = "requirements/base.txt", "requirements/dev.txt"
    compile_lock(["pyproject.toml", "-o", base])
    # Tests run with exactly the versions that serve.
    compile_lock(["pyproject.toml", "--extra", "dev", "-c", base, "-o", dev])
    subprocess.run([*npm(), "install", "--package-lock-only"], cwd=ROOT, env=node_environment(), check=True)


def compile_lock(arguments: list[str]) -> None:
    subprocess.run([UV, "pip", "compile", "--quiet", *OPTIONS, *arguments], cwd=ROOT, check=True)


if __name__ == "__main__":
    main()

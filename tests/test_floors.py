"""A module imports only from floors below, and the command line imports what is heavy only when a command runs."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
HEAVY = ("torch", "torchvision", "av", "cv2", "PyQt6", "numpy", "PIL", "rich", "safetensors")


def python(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([sys.executable, *arguments], cwd=ROOT, capture_output=True, text=True, check=False)


def test_a_module_imports_only_from_floors_below() -> None:
    done = python("-c", "from importlinter.cli import lint_imports; raise SystemExit(lint_imports(no_cache=True))")
    assert done.returncode == 0, done.stdout


@pytest.mark.parametrize("arguments", [["--help"], ["render", "--help"], ["--version"]], ids=" ".join)
def test_help_imports_nothing_heavy(arguments: list[str]) -> None:
    program = (
        "import sys\nfrom stytr_live.cli import main\n"
        f"try: main({arguments!r})\n"
        "except SystemExit as end: assert end.code == 0, end.code\n"
        f"print('heavy:', [name for name in {HEAVY!r} if name in sys.modules])"
    )
    done = python("-c", program)
    assert done.stdout.endswith("heavy: []\n"), done.stdout + done.stderr


def test_a_start_does_without_pytorch_s_compiler() -> None:
    """Importing it takes more than a second, and nobody who watches needs it."""
    program = (
        "import sys, torch\n"
        "from stytr_live.engine.style_file import pack_code, unpack_code\n"
        "from stytr_live.networks import load_network\n"
        "network = load_network()\n"
        "code = network.encode_style(torch.rand(1, 3, 64, 64))\n"
        "assert unpack_code(pack_code(code, network, 'weights', 'name'), network, 'weights')\n"
        "print('compiler:', [name for name in ('torch._dynamo', 'sympy') if name in sys.modules])"
    )
    done = python("-c", program)
    assert done.stdout.endswith("compiler: []\n"), done.stdout + done.stderr

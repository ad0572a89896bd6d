"""What has been freed goes back to the system."""

from __future__ import annotations

import ctypes
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
FREED = """
import sys, threading, time
import numpy as np
from demo import serving

kept = []

def work():
    parts = [np.ones(12_000) for _ in range(2000)]  # 192 MB, each too small for a map of its own
    kept.append(np.ones(12_000))  # lies above them

serving.TRIM_EVERY = 0.1
if sys.argv[1] == "spare":
    serving.spare_memory()
thread = threading.Thread(target=work)
thread.start()
thread.join()
time.sleep(1)
print(int(open("/proc/self/statm").read().split()[1]) * 4096)
"""


def is_gnu() -> bool:
    return sys.platform == "linux" and hasattr(ctypes.CDLL(None), "malloc_trim")


@pytest.mark.skipif(not is_gnu(), reason="other C libraries do this themselves, or cannot")
def test_freed_memory_is_given_back():
    def held(how: str) -> int:
        command = [sys.executable, "-c", FREED, how]
        done = subprocess.run(command, capture_output=True, text=True, check=True, cwd=ROOT)
        return int(done.stdout)

    assert held("keep") - held("spare") > 150_000_000

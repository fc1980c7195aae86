"""As many requests as the server will take, by wrk: each connection asks again as soon as it was answered."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Sequence
from pathlib import Path
from typing import Any

__all__ = ["saturated"]

SCRIPT = """
local bodies = {}
for line in io.lines("BODIES") do bodies[#bodies + 1] = line end
local number = 0
wrk.method = "POST"
wrk.headers["Content-Type"] = "application/json"
request = function()
  number = number + 1
  return wrk.format(nil, nil, nil, bodies[number % #bodies + 1])
end
done = function(summary, latency, requests)
  local e = summary.errors
  io.write(string.format('JSON{"answered": %.1f, "errors": %d, "milliseconds": ' ..
    '{"p50": %.3f, "p90": %.3f, "p99": %.3f, "p99_9": %.3f, "max": %.3f}}\\n',
    summary.requests / summary.duration * 1e6,
    e.connect + e.read + e.write + e.status + e.timeout, latency:percentile(50) / 1000, latency:percentile(90) / 1000,
    latency:percentile(99) / 1000, latency:percentile(99.9) / 1000, latency.max / 1000))
end
"""


def saturated(port: int, bodies: Sequence[bytes], seconds: float, connections: int, folder: Path) -> dict[str, Any]:
    """What wrk says: answers a second, errors, and percentiles in milliseconds."""
    lines, script = folder / "bodies", folder / "wrk.lua"
    lines.write_bytes(b"\n".join(bodies) + b"\n")
    script.write_text(SCRIPT.replace("BODIES", str(lines)))
    address = f"http://127.0.0.1:{port}/predict"
    words = ["taskset", "-c", "0", "wrk", "-t1", f"-c{connections}", f"-d{seconds:.0f}s", "-s", str(script), address]
    said = subprocess.run(words, capture_output=True, text=True, check=True).stdout
    found: dict[str, Any] = json.loads(said.partition("JSON")[2])
    return found

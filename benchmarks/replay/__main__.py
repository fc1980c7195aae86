"""Compare kernels, exported files and trained bits with those on record.

    python -m benchmarks.replay                   compare, and name every case that changed, is new or is gone
    python -m benchmarks.replay --record          put what there is now on record
    python -m benchmarks.replay --write FOLDER    write all texts and files there, to compare two commits by diff

Kernels are those of processors with AVX2 (level x86-64-v3); on others nothing is compared. A refactoring changes
nothing; any other change says what it changes, and why. Files depend on the versions of the libraries that write
them: the record is that of constraints/ci.txt.
"""

from __future__ import annotations

import argparse
import hashlib
import itertools
import json
import os
import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from llvmlite import binding as llvm

RECORD = Path(__file__).parent / "record.json"


def parts(kind: str) -> Iterator[tuple[str, list[bytes]]]:
    """The cases of one kind, each with what its digest is made of."""
    from benchmarks.replay import kernels, outputs

    if kind == "kernels":
        return ((case, [text.encode() for text in texts]) for case, texts in kernels.texts())
    return {"files": outputs.files, "trained": outputs.trained}[kind]()


def main() -> int:
    """Compare or record; 1 if something changed."""
    parser = argparse.ArgumentParser(description="Compare kernels, files and trained bits with those on record.")
    parser.add_argument("--record", action="store_true", help="put what there is now on record")
    parser.add_argument("--write", type=Path, metavar="FOLDER", help="write all texts and files there")
    options = parser.parse_args()
    if not llvm.get_host_cpu_features().get("avx2"):
        print("left out: the kernels on record are those of x86-64 processors with AVX2")
        return 0
    os.environ["GLASSNET_PROCESSOR"] = "x86-64-v3"
    found: dict[str, dict[str, str]] = {}
    for kind in ("kernels", "files", "trained"):
        found[kind] = {}
        for case, contents in parts(kind):
            lengths = [len(content) for content in contents]
            digest = hashlib.sha256(repr(lengths).encode() + b"".join(contents)).hexdigest()[:16]
            found[kind][case] = digest
            for number, content in enumerate(contents if options.write else ()):
                path = options.write / kind / f"{case.replace('/', '|')[:150]} {number}"
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_bytes(content)
    if options.record:
        RECORD.write_text(json.dumps(found, indent=0, ensure_ascii=False) + "\n")
        return 0
    recorded = json.loads(RECORD.read_text())
    changed = 0
    for kind, cases in found.items():
        names = dict.fromkeys(itertools.chain(recorded[kind], cases))
        other = {
            name: "changed" if name in recorded[kind] and name in cases else "new" if name in cases else "gone"
            for name in names
            if recorded[kind].get(name) != cases.get(name)
        }
        counts = [f"{count} {how}" for how, count in Counter(other.values()).items()]
        print(f"{kind}: {len(cases)} cases, {', '.join(counts) or 'none changed'}")
        for name, how in other.items():
            print(f"  {how}: {name}")
        changed += len(other)
    return min(changed, 1)


if __name__ == "__main__":
    sys.exit(main())

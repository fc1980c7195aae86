"""The parts of the benchmark. Each has `run(settings)`, which measures, and `report(record)`, its lines in Markdown."""

from types import ModuleType

from benchmarks.speed.sections import (
    company,
    ensemble,
    first_fit,
    imports,
    memory,
    mixed,
    mnist,
    narrow,
    one_row,
    predict,
    scaling,
    share,
    steps,
    ways,
)

__all__ = ["SECTIONS"]

SECTIONS: dict[str, ModuleType] = {
    "steps": steps,
    "mixed": mixed,
    "narrow": narrow,
    "mnist": mnist,
    "predict": predict,
    "one_row": one_row,
    "first_fit": first_fit,
    "imports": imports,
    "memory": memory,
    "share": share,
    "company": company,
    "scaling": scaling,
    "ensemble": ensemble,
    "ways": ways,
}

"""The command line: measure what is missing, print what was found, and write results and pictures."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from benchmarks.accuracy import __doc__ as about
from benchmarks.accuracy import ablations, alternatives, curves, report, variants
from benchmarks.accuracy.contenders import CONTENDERS, OURS
from benchmarks.accuracy.content import make_content
from benchmarks.accuracy.halves import HALVES, ORDERS
from benchmarks.accuracy.journal import Journal
from benchmarks.accuracy.measure import Job, all_jobs, measure, missing
from benchmarks.accuracy.tables import TASKS, Table, read_index
from benchmarks.results import RESULTS, machine, write_results

QUICK_ROWS = 400
PATIENCE = 3600.0
TABM_ROWS = 3000
VARIANTS = {
    "ablations": (ablations.ABLATIONS, ablations.ABOUT),
    "alternatives": (alternatives.ALTERNATIVES, alternatives.ABOUT),
}


def main() -> None:
    """Run what was asked for."""
    options = parse()
    tables = chosen_tables(options)
    journal = Journal(options.journal, options.reuse)
    if options.curves:
        jobs = curves.curve_jobs(chosen_contenders(options), tables, options.seeds)
    else:
        jobs = all_jobs(chosen_contenders(options), tables, options.seeds, options.max_rows)
    jobs = [job for job in jobs if job.contender.kind != "tabm" or job.rows < options.tabm_rows]
    run(jobs, journal, options)
    context = {name: getattr(options, name) for name in ("seeds", "max_rows", "quick")}
    if options.curves:
        content = curves.make_content(journal, tables, context)
        write("accuracy_rows", content, curves.page(content), options.out)
        curves.draw(content, options.out / "accuracy_rows.png")
    elif options.ablations or options.alternatives:
        option = "ablations" if options.ablations else "alternatives"
        changes, about = VARIANTS[option]
        run(variants.variant_jobs(changes, jobs, journal), journal, options)
        content = variants.make_content(changes, journal, tables, context)
        write(option, content, variants.page(option.capitalize(), about, option, content), options.out)
    else:
        content = make_content(journal, tables, context)
        write("accuracy", content, report.page(content), options.out)
        from benchmarks.accuracy.pictures import draw_all

        draw_all(content, options.out)
        print("\n".join(report.summary(content)))
    for record in journal.failures:
        print(f"{record['model']} on {record['table']}, seed {record['seed']}: {record['status']}: {record['error']}")


def parse() -> argparse.Namespace:
    """The options, --quick carried out."""
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.accuracy", description=about, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    add, names = parser.add_argument, ", ".join(CONTENDERS)
    add("--data", type=Path, metavar="FOLDER", required=True, help="holds INDEX.json and its tables")
    add("--models", nargs="+", choices=CONTENDERS, metavar="MODEL", default=list(CONTENDERS), help=f"(all) {names}")
    add("--tables", nargs="+", metavar="TABLE", help="of the index (all)")
    add("--half", choices=HALVES, default="all", help="of the tables")
    add("--halves-by", choices=ORDERS, default="index", help="what the tables are dealt out by into halves (index)")
    add("--seeds", type=int, default=3, help="how many (3)")
    add("--max-rows", type=int, default=10_000, help="of a table, test rows included (10000)")
    add("--tabm-rows", type=int, default=TABM_ROWS, help=f"TabM is slow: only tables of fewer rows ({TABM_ROWS})")
    add("--ablations", action="store_true", help="measure glassnet's default with one ingredient taken away each time")
    add("--alternatives", action="store_true", help="measure glassnet's default with other settings and members")
    add("--curves", action="store_true", help="measure accuracy and time over rows, on the longest tables")
    add("--report", action="store_true", help="measure nothing, write what is known")
    add("--retry", choices=("failed", "busy"), help="measure again what failed, or while others used the machine, too")
    add("--patience", type=float, default=PATIENCE, help=f"seconds for one model on one table ({PATIENCE:.0f})")
    add("--journal", type=Path, help="(build/accuracy/journal.jsonl)")
    add("--reuse", type=Path, nargs="+", default=[], metavar="JOURNAL", help="earlier ones, for the other libraries")
    add("--out", type=Path, help="folder of the results (benchmarks/results; with --quick build/accuracy/quick)")
    add("--quick", action="store_true", help="show that all works; the figures mean nothing")
    options = parser.parse_args()
    if not (options.data / "INDEX.json").is_file():
        parser.error(f"{options.data} has no INDEX.json")
    if unknown := set(options.tables or ()) - {table.name for table in read_index(options.data)}:
        parser.error(f"INDEX.json does not name: {', '.join(sorted(unknown))}")
    build = Path("build/accuracy")
    if options.quick:
        options.seeds, options.max_rows, build = 1, QUICK_ROWS, build / "quick"
    options.journal = options.journal or build / "journal.jsonl"
    options.out = options.out or (build if options.quick else RESULTS)
    return options


def chosen_tables(options: argparse.Namespace) -> list[Table]:
    """Those asked for; with --quick, and unless some are named, the smallest of each task."""
    tables = [table for table in read_index(options.data, options.halves_by) if options.half in ("all", table.half)]
    if options.tables:
        return [table for table in tables if table.name in options.tables]
    if options.quick:
        by_task = [[table for table in tables if table.task == task] for task in TASKS]
        return [min(own, key=lambda table: table.rows) for own in by_task if own]
    return tables


def chosen_contenders(options: argparse.Namespace) -> list[Any]:
    """Those asked for that are installed; variants are of glassnet's default."""
    only_ours = options.ablations or options.alternatives
    found = [CONTENDERS[name] for name in ([OURS] if only_ours else options.models)]
    for contender in found:
        if not contender.installed:
            print(f'{contender.title} is left out: pip install "glassnet[{contender.extra}]"')
    return [contender for contender in found if contender.installed]


def run(jobs: Sequence[Job], journal: Journal, options: argparse.Namespace) -> None:
    """Measure what is missing."""
    todo = [] if options.report else missing(jobs, journal, options.retry)
    if todo:
        print(f"{len(todo)} of {len(jobs)} trials are to be measured; the journal is {journal.path}", flush=True)
        found = machine()
        measure(todo, journal, f"{found['processor']}, {found['cores']} cores", options.patience)


def write(name: str, content: dict[str, Any], page: str, folder: Path) -> None:
    """The same as JSON and as Markdown."""
    write_results(name, content, folder / f"{name}.json")
    (folder / f"{name}.md").write_text(page, encoding="utf-8")


if __name__ == "__main__":
    main()

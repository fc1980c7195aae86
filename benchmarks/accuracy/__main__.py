"""The command line: measure what is missing, print what was found, and write results and pictures."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from benchmarks.accuracy import __doc__ as about
from benchmarks.accuracy import curves, pairs, report, texts
from benchmarks.accuracy.ablations import ABLATIONS
from benchmarks.accuracy.alternatives import ALTERNATIVES
from benchmarks.accuracy.contenders import CONTENDERS, OURS, TEXT_ANCHORS, Contender
from benchmarks.accuracy.content import Context, make_content
from benchmarks.accuracy.halves import ORDERS
from benchmarks.accuracy.journal import Journal
from benchmarks.accuracy.measure import Job, all_jobs, measure, missing
from benchmarks.accuracy.tables import TASKS, Table, read_index
from benchmarks.accuracy.variants import variant_jobs
from benchmarks.results import RESULTS, machine, write_results

QUICK_ROWS = 400
PATIENCE = 3600.0
TABM_ROWS = 3000
VARIANTS = {variant.words: variant for variant in (*ABLATIONS, *ALTERNATIVES)}
GROUPS = {"ablations": [each.words for each in ABLATIONS], "alternatives": [each.words for each in ALTERNATIVES]}
COMPARED = f"with the first, split by split: those of --models, {', '.join(GROUPS)}, or the words of one of these"


def main() -> None:
    """Run what was asked for."""
    options = parse()
    tables = chosen_tables(options)
    journal = Journal(options.journal, options.reuse)
    context = {name: getattr(options, name) for name in ("seeds", "max_rows", "quick")}
    if options.compare:
        compare(options, tables, journal, context)
    elif options.texts:
        measure_texts(options, tables, journal, context)
    elif options.curves:
        run(curves.curve_jobs(chosen_contenders(options.models), tables, options.seeds), journal, options)
        content = curves.make_content(journal, tables, context)
        write("accuracy_rows", content, curves.page(content), options.out)
        curves.draw(content, options.out / "accuracy_rows.png")
    else:
        jobs = all_jobs(chosen_contenders(options.models), tables, range(options.seeds), options.max_rows)
        run([job for job in jobs if job.contender.kind != "tabm" or job.rows < options.tabm_rows], journal, options)
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
    add("--data", type=Path, nargs="+", metavar="FOLDER", required=True, help="each holds INDEX.json and its tables")
    add("--models", nargs="+", choices=CONTENDERS, metavar="MODEL", default=list(CONTENDERS), help=f"(all) {names}")
    add("--tables", nargs="+", metavar="TABLE", help="of the index (all)")
    add("--halves-by", choices=ORDERS, default="index", help="what the tables are dealt out by into halves (index)")
    add("--seeds", type=int, default=3, help="how many (3)")
    add("--max-rows", type=int, default=10_000, help="of a table, test rows included (10000)")
    add("--tabm-rows", type=int, default=TABM_ROWS, help=f"TabM is slow: only tables of fewer rows ({TABM_ROWS})")
    add("--compare", nargs="+", metavar="MODEL", default=[], help=COMPARED)
    add("--name", default="compared", help="of the page of --compare (compared)")
    add("--curves", action="store_true", help="measure accuracy and time over rows, on the longest tables")
    add("--texts", action="store_true", help="compare the default with other models of texts, on tables that have them")
    add("--report", action="store_true", help="measure nothing, write what is known")
    add("--retry", choices=("failed", "busy"), help="measure again what failed, or while others used the machine, too")
    add("--patience", type=float, default=PATIENCE, help=f"seconds for one model on one table ({PATIENCE:.0f})")
    add("--journal", type=Path, help="(build/accuracy/journal.jsonl)")
    add("--reuse", type=Path, nargs="+", default=[], metavar="JOURNAL", help="earlier ones, for the other libraries")
    add("--out", type=Path, help="folder of the results (benchmarks/results; with --quick build/accuracy/quick)")
    add("--quick", action="store_true", help="show that all works; the figures mean nothing")
    options = parser.parse_args()
    for folder in options.data:
        if not (folder / "INDEX.json").is_file():
            parser.error(f"{folder} has no INDEX.json")
    if unknown := set(options.tables or ()) - {table.name for table in all_tables(options)}:
        parser.error(f"INDEX.json does not name: {', '.join(sorted(unknown))}")
    if unknown := set(options.compare) - {*CONTENDERS, *GROUPS, *VARIANTS}:
        parser.error(f"--compare does not know: {', '.join(sorted(unknown))}; {COMPARED}")
    build = Path("build/accuracy")
    if options.quick:
        options.seeds, options.max_rows, build = 1, QUICK_ROWS, build / "quick"
    options.journal = options.journal or build / "journal.jsonl"
    options.out = options.out or (build if options.quick else RESULTS)
    return options


def chosen_tables(options: argparse.Namespace) -> list[Table]:
    """Those asked for; with --quick, and unless some are named, the smallest of each task."""
    tables = all_tables(options)
    if options.tables:
        return [table for table in tables if table.name in options.tables]
    if options.quick:
        by_task = [[table for table in tables if table.task == task] for task in TASKS]
        return [min(own, key=lambda table: table.rows) for own in by_task if own]
    return tables


def all_tables(options: argparse.Namespace) -> list[Table]:
    """Those of all folders."""
    return [table for folder in options.data for table in read_index(folder, options.halves_by)]


def chosen_contenders(names: Sequence[str]) -> list[Contender]:
    """Those of these names that are installed."""
    found = [CONTENDERS[name] for name in names]
    for contender in found:
        if not contender.installed:
            print(f'{contender.title} is left out: pip install "glassnet[{contender.extra}]"')
    return [contender for contender in found if contender.installed]


def compare(options: argparse.Namespace, tables: Sequence[Table], journal: Journal, context: Context) -> None:
    """Measure split by split, so that what is interrupted has whole pairs, and write how models differ."""
    names = [name for group in options.compare for name in GROUPS.get(group, [group])]
    variants = [VARIANTS[name] for name in names if name in VARIANTS]
    contenders = chosen_contenders([name for name in names if name in CONTENDERS] or [OURS])
    for seed in range(options.seeds):
        jobs = all_jobs(contenders, tables, [seed], options.max_rows)
        run(jobs, journal, options)
        run(variant_jobs(variants, [job for job in jobs if job.contender.name == OURS], journal), journal, options)
    models = [VARIANTS[name].contender if name in VARIANTS else CONTENDERS[name] for name in names]
    context = {"compare": options.compare, **context}
    content = pairs.make_content({model.name: model.title for model in models}, journal, tables, context)
    text = pairs.page(options.name, content)
    write(options.name, content, text, options.out)
    print(text)


def measure_texts(options: argparse.Namespace, tables: Sequence[Table], journal: Journal, context: Context) -> None:
    """Measure split by split, and write the default beside the models of texts."""
    contenders = chosen_contenders([OURS, *(name for name in options.models if name in TEXT_ANCHORS)])
    run(all_jobs(contenders, tables, range(options.seeds), options.max_rows), journal, options)
    content = texts.make_content(journal, tables, context)
    write("texts", content, texts.page(content), options.out)


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

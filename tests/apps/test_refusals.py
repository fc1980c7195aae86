"""What the command line refuses: one line says why, the exit code is that of its kind, and no file changes."""

from __future__ import annotations

import shlex
import shutil

import polars as pl
import pytest

from glassnet.apps.cli import main

TABLES = {
    "nothing.csv": "",
    "head.csv": "x,y\n",
    "same.csv": "x,y\n" + "1,a\n2,a\n" * 20,
    "gaps.csv": "x,y\n1,\n2,\n",
    "alike.csv": "x,y\n" + "1,a\n1,b\n" * 20,
    "one.csv": "x,y\n1,a\n",
    "two.csv": "x,y\n1,yes\n2,no\n",
    "names.csv": "x,y\n" + "".join(f"{row},name {row}\n" for row in range(30)),
    "dates.csv": "x,y\n1,2020-01-01\n2,2020-01-02\n3,2020-01-03\n",
    "broken.csv.gz": "no gzip at all",
    "broken.parquet": "no parquet at all",
    "table.xlsx": "x,y\n1,2\n",
    "there.csv": "precious",
    "old.html": "old",
}
TRAIN = "train people.csv --target 'came back' -o m.safetensors "
LEARN = "--target y -o m.safetensors"
SEARCH = "search people.csv --target 'came back' -o m.safetensors --preset mlp --hidden-layers 8 --activation relu "
SEARCH += "--epochs 5 --numeric-embedding none "
FIXED = "--learning-rate 1 --weight-decay 0 --dropout 0 --batch-size 9"
PREDICT = "predict classifier.st "
WRONG = [  # wrong usage: exit code 2
    ("train people.csv", "train needs --target. See: glassnet train --help"),
    (TRAIN + "--task clustering", '"classification", "regression"'),
    (TRAIN + "--activation rleu", "Did you mean 'relu'?"),
    (TRAIN + "--dtype float16", '"float32", "float64"'),
    (TRAIN + "--epochs many", 'unable to convert "many" into int'),
    (TRAIN + "--epochs 0", "--epochs must be a positive integer. Received: 0."),
    (TRAIN + "--batch-size 0", "--batch-size must be"),
    (TRAIN + "--test 1.5", "--test must be a file, or a share in [0, 1)"),
    (TRAIN + "--epocs 3", "Did you mean --epochs? See: glassnet train --help"),
    (TRAIN + "--max-iter 9", "Unknown option: --max-iter. Did you mean --epochs? See:"),
    (TRAIN + "--time-limit 0", "--time-limit must be positive"),
    (TRAIN + "--fold city --group city", "--fold and --group both choose the validation rows"),
    (TRAIN + "--fold city --cv 3", "--fold and --cv both choose the validation rows"),
    (TRAIN + "--resume", "--resume needs the checkpoint folder"),
    (TRAIN + "--local-steps 3", "Add --shards"),
    (TRAIN + "--shards 0", "positive integer"),
    (TRAIN + "--dask here", "must be that of a scheduler"),
    (TRAIN + "--dask local:many", "must be given"),
    (TRAIN + "--shards 2 --time-limit 5", "--shards cannot be combined with --time-limit"),
    (TRAIN + "--shards 2 --group city", "--shards cannot be combined with --group"),
    (TRAIN + "--shards 2 --memory 1GB", "--shards cannot be combined with --memory"),
    (TRAIN + "--oof held.csv --memory 1GB", "--oof cannot be combined with --memory"),
    (TRAIN + "--dask local:2 --memory 1GB", "--dask without --shards cannot be combined with --memory"),
    (TRAIN + "--dask local:2 --checkpoint run", "--dask without --shards cannot be combined with --checkpoint"),
    (TRAIN + "--memory much", "--memory must be a size of at least 500 MB"),
    (TRAIN + "--memory 1GB --group city", "--group needs all rows in memory"),
    (TRAIN + "--memory 1GB --time age", "--time needs all rows in memory"),
    (TRAIN + "--report .", "--report must be a file"),
    (TRAIN + "--report people.csv --force", "--report must not be an input file"),
    (TRAIN + "--report old.html", "old.html already exists. Choose another file with --report"),
    (TRAIN + "--report m.safetensors", "--report and --out must be two files"),
    (TRAIN + "--report r.html --test 0", "--report needs rows to evaluate on"),
    (TRAIN + "--report r.html --no-report", "--report and --no-report contradict each other"),
    (TRAIN + "--language fr", '"en", "zh"'),
    (TRAIN + "--oof -", "--oof must be a file: other results go to the standard output. Received: -."),
    (TRAIN + "--report -", "--report must be a file: other results"),
    ("train people.csv --target 'came back' --out -", "--out must be a file: other results"),
    (TRAIN + "--oof held.txts", "A table file must have a supported extension"),
    ("train people.csv --target city --oof m.csv --out m.csv", "--oof and --out must be two files"),
    ("train gone.csv --target y --task regression --costs a:b=2", "--costs does not apply to regression"),
    ("train gone.csv --target y --costs a:b=2 --decision-threshold f1", "not from both. Received: 'f1'. Omit one"),
    ("train gone.csv --target y --costs a:b=2 --class-weight balanced", "--class-weight shifts them"),
    ("train people.csv --target paid --class-weight balanced", "--class-weight does not apply to regression"),
    (SEARCH + "--budget '10 parsecs'", "--budget must be a duration. Received: '10 parsecs'."),
    (SEARCH + "--trials 0", "--trials must be a positive integer. Received: 0."),
    (SEARCH + "--jobs -1", "--jobs must be a positive integer. Received: -1."),
    (SEARCH + "--validation 1.5", "--validation must be a file, a share in (0, 1), or a number of folds"),
    (SEARCH + "--scoring acuracy", "Did you mean 'accuracy' or"),
    (SEARCH + "--budgte 1m", "Did you mean --budget? See: glassnet search --help"),
    (SEARCH + "--resume m.safetensors", "--resume and --out must be two files"),
    (SEARCH + "--fold city --validation 0.2", "--fold and --validation both choose"),
    (SEARCH + "--dask here", "must be that of a scheduler"),
    (SEARCH + "--dask local:many", "must be given"),
    (PREDICT + "new.csv -o new.csv --force", "must not be an input file"),
    (PREDICT + "new.csv -o classifier.st --force", "must not be an input file"),
    (PREDICT + "new.csv -o there.csv", "already exists"),
    (PREDICT + "new.csv -o --force", "--out must be followed by a file"),
    ("predict new.csv classifier.st", "The first file must be a model"),
    ("predict classifier.st", "predict needs TABLE."),
    (PREDICT + "new.csv new.csv", "See: glassnet predict --help"),
    ("predict regressor.st houses.csv --decision-threshold 0.3", "--decision-threshold does not apply to regression"),
    ("predict regressor.st houses.csv --positive 1", "--positive does not apply to regression"),
    ("explain classifier.st later.csv --rows=100", "A row must be a number from 0 to 99"),
    ("explain classifier.st later.csv --rows=-1", "A row must be a number from 0 to 99"),
    ("explain classifier.st later.csv --rows=x", "A row must be a number from 0 to 99"),
    ("explain classifier.st later.csv --rows=0,1.5", "A row must be a number from 0 to 99"),
    ("explain classifier.st later.csv --language fr", '"en", "zh"'),
    ("export classifier.st m.txt", "must end in one of: .onnx, .py, .html, .mjs, .c. Received: m.txt"),
    ("export classifier.st classifier.st", "must end in"),
    ("export classifier.st m.py --texts text", "--texts applies only to ONNX. Received: m.py. Write to a file"),
    ("export classifier.st 'my model.py'", "a name that can be imported"),
    ("export classifier.st my-model.py", "a name that can be imported"),
    ("export classifier.st class.PY", "a name that can be imported"),
    ("export m --out m.html", "Unknown option: --out. Write the OUT alone, without --out. See:"),
    ("export m m.html --quite", "Unknown option: --quite. Did you mean --quiet? See:"),
    ("export m m.html --zzz", "Unknown option: --zzz. See:"),
    ("export m m.html --language zh --zzz=1", "没有这个选项：--zzz。"),
]
PROBLEMS = [  # of data or files: exit code 1
    ("train people.csv --target 'came bakc'", "people.csv has no column 'came bakc'. Did you mean 'came back'?"),
    ("train people.csv --target Age", "people.csv has no column 'Age'. Did you mean 'age'?"),
    ("train people.csv --target zzz", "Available: customer_id, age, city, paid, came back."),
    (
        "train people.csv --target y --drop a,b,c,d,e,f,g",
        "has no columns 'y', 'a', 'b', 'c', 'd' and 3 more. Available:",
    ),
    ("train people.csv --target paid --task classification", "Use --task regression."),
    (TRAIN + "--drop ctiy", "no column 'ctiy'. Did you mean 'city'?"),
    (TRAIN + "--drop 'came back'", "'came back' is also left out"),
    (TRAIN + "--drop customer_id,age,city,paid", "The table must have a feature column"),
    (TRAIN + "--group patent", "no column 'patent'."),
    (TRAIN + "--sample-weight city", "weights must have a number in every row"),
    (TRAIN + "--task regression", "must be numbers. Received: 'came back'"),
    (TRAIN + "--class-weight perhaps=2", "Available: no, yes."),
    (TRAIN + "--test nowhere.csv", "nowhere.csv"),
    (TRAIN + "--test strange.csv", "must be one of the classes 'no', 'yes'. Received: 'perhaps'."),
    (TRAIN + "--report none/r.html", "Received: none. Create it, or choose another with --report."),
    (f"train none.csv {LEARN}", "There is no such file: none.csv"),
    (f"train empty {LEARN}", "empty"),
    (f"train nothing.csv {LEARN}", "nothing.csv"),
    (f"train head.csv {LEARN}", "must contain rows. Received: none"),
    (f"train same.csv {LEARN}", "at least two different values"),
    (f"train gaps.csv {LEARN}", "must be known in some rows"),
    (f"train alike.csv {LEARN}", "column of the table must vary"),
    (f"train one.csv {LEARN}", "at least two different values"),
    (f"train two.csv {LEARN}", "must have at least two classes"),
    (
        f"train names.csv {LEARN}",
        "must have two rows, one for training and one for testing. Received: a class of its own",
    ),
    (f"train dates.csv {LEARN}", "must be classes or numbers"),
    (f"train broken.csv.gz {LEARN}", "broken.csv.gz"),
    (f"train broken.parquet {LEARN}", "must be a Parquet file"),
    (f"train table.xlsx {LEARN}", "must be a spreadsheet"),
    (f"train empty {LEARN} --memory 1GB", "A folder of tables must contain files"),
    (SEARCH + "--class-weight perhaps=2", "Available: no, yes."),
    (SEARCH + "--resume people.csv", "must be new, or that of an earlier search"),
    (SEARCH + "--resume none/x", "must be in an existing folder"),
    (SEARCH + FIXED, "At least one option must be searched"),
    (PREDICT + "new.csv --id custmer_id -o free.csv", "Did you mean 'customer_id'?"),
    (PREDICT + "new.csv -o free.xlsx", "can be written as text, optionally"),
    (PREDICT + "free.csv", "There is no such file"),
    ("predict free.safetensors new.csv", "No such file or directory"),
    ("evaluate classifier.st narrow.csv", "narrow.csv has no column 'city'."),
    ("evaluate classifier.st new.csv", "no column 'came back'"),
    ("evaluate classifier.st strange.csv", "'perhaps'"),
    ("explain classifier.st later.csv --target 'came bak'", "Did you mean 'came back'?"),
    ("explain classifier.st narrow.csv", "narrow.csv has no column 'city'."),
    ("doctor classifier.st people.csv --target nowhere", "nowhere"),
    ("doctor classifier.st people.csv --validation nowhere.csv", "nowhere"),
    ("export classifier.st no/m.onnx", "folder of an output file must exist"),
    ("export classifier.st m.onnx --coverage 3", "--coverage of to_onnx must be between 0 and 1"),
]


@pytest.fixture(scope="module")
def place(tables, classifier, regressor, tmp_path_factory):
    """A folder with tables, good and bad, and models."""
    folder = tmp_path_factory.mktemp("refusals")
    shutil.copytree(tables, folder, dirs_exist_ok=True)
    for name, text in TABLES.items():
        (folder / name).write_text(text)
    later = pl.read_csv(folder / "later.csv")
    later.drop("city").write_csv(folder / "narrow.csv")
    later.with_columns(pl.lit("perhaps").alias("came back")).write_csv(folder / "strange.csv")
    (folder / "empty").mkdir()
    shutil.copy(classifier, folder / "classifier.st")
    shutil.copy(regressor, folder / "regressor.st")
    return folder


def files(folder):
    """Every file, and what changes when it is written to or replaced."""
    found = {file: file.stat() for file in folder.rglob("*")}
    return {file: (stat.st_mtime_ns, stat.st_size, stat.st_ino) for file, stat in found.items()}


@pytest.mark.parametrize(
    ("option", "says"),
    [
        ("--decision-threshold f1", "Received: 4 classes. Omit it; of several classes, --costs decide"),
        ("--decision-threshold 0.3", "Received: 4 classes. Omit it"),
        ("--positive a", "--positive chooses one of two classes. Received: 4 classes"),
        (
            "--scoring f1",
            "The score 'f1' must be defined for the target. Received: 4 classes. For example",
        ),
        ("--loss hinge --costs a:b=2", "Received: the loss hinge, which has no probabilities. Omit"),
        ("--monotone x=1", "--monotone needs two classes"),
        ("--task regression --scoring f1", "The target of a regression must be numbers"),
    ],
)
def test_options_that_do_not_suit_the_target_are_refused_before_the_rows_are_split(option, says, place, capsys):
    (place / "four.csv").write_text("x,y\n" + "".join(f"{row},{'abcd'[row % 4]}\n" for row in range(40)), "utf-8")
    assert main(shlex.split(f"train {place}/four.csv --target y -o {place}/m.safetensors {option}")) == 1
    said = capsys.readouterr().err
    assert says in said
    assert not any(line.startswith("rows ") for line in said.splitlines())


@pytest.mark.parametrize(
    ("line", "code", "says"),
    [*((line, 2, says) for line, says in WRONG), *((line, 1, says) for line, says in PROBLEMS)],
)
def test_what_cannot_be_done_is_said_in_one_line(line, code, says, place, monkeypatch, capsys):
    monkeypatch.chdir(place)
    before = files(place)
    assert main(shlex.split(line)) == code
    said = capsys.readouterr()
    lines = said.err.splitlines()
    (error,) = [line for line in lines if line.startswith(("glassnet: ", "glassnet："))]
    assert says in error
    assert lines[-1] == error or lines[-1].startswith("  glassnet ")  # with the command that works below it
    assert not any(line.startswith("training ") for line in lines)
    assert said.out == ""
    assert files(place) == before

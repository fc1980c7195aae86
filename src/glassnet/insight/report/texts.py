"""The texts of the report, by name."""

from __future__ import annotations

from typing import Final

from glassnet.support.language import Text

TEXTS: Final = {
    "page.title": Text("Report: predicting {target}"),
    "page.untitled": Text("Report: a network and its predictions"),
    "page.skip": Text("Skip to content"),
    "page.contents": Text("Contents"),
    "page.written": Text("Written by glassnet {version} on {day}."),
    "page.alone": Text("This page is self-contained and needs no network connection."),
    "page.comma": Text(", "),
    "page.and": Text(" and "),
    "page.semicolon": Text("; "),
    "section.result": Text("Verdict"),
    "section.compared": Text("Scores compared with baselines"),
    "section.dependence": Text("Feature importance and partial dependence"),
    "section.words": Text("Strongest words"),
    "section.explained": Text("Explanations of individual rows"),
    "section.curves": Text("ROC, precision-recall and gains curves"),
    "section.thresholds": Text("Choosing a threshold"),
    "section.calibration": Text("Calibration of the probabilities"),
    "section.confusions": Text("Confusion matrix and metrics by class"),
    "section.residuals": Text("Prediction errors"),
    "section.distributions": Text("The data"),
    "section.findings": Text("Diagnosis"),
    "section.scores": Text("All scores with confidence intervals"),
    "section.importances": Text("Feature importance in detail"),
    "section.columns": Text("All columns"),
    "section.rows": Text("Rows with the largest loss"),
    "section.asked": Text("Task"),
    "section.split": Text("Data split"),
    "section.training": Text("Training"),
    "section.network": Text("The network"),
    "section.reproduce": Text("Reproduce"),
    "result.beats": Text("Compared with simple models"),
    "result.matters": Text("Most important features"),
    "result.next": Text("Next step"),
    "result.then": Text("After that"),
    "result.tested": Text("Tested on {rows:,} rows not used for training."),
    "result.tested_rows": Text("Tested on {rows:,} rows."),
    "result.interval": Text("95% confidence interval"),
    "result.the_target": Text("the target"),
    "verdict.rank_excellent": Text(
        "Good enough to rank rows by the probability of “{positive}”, and to decide clear cases."
    ),
    "verdict.rank_good": Text(
        "Good enough to rank rows by the probability of “{positive}”, but not to decide on single rows."
    ),
    "verdict.rank_fair": Text(
        "Good enough for a rough ranking by the probability of “{positive}”, but not to decide on single rows."
    ),
    "verdict.rank_weak": Text("Better than chance at predicting “{positive}”, but too weak to act on."),
    "verdict.classify_excellent": Text("Good enough to classify rows."),
    "verdict.classify_good": Text("Good enough to classify most rows; have a person check the uncertain ones."),
    "verdict.classify_fair": Text("Good enough to suggest a class, not to decide."),
    "verdict.classify_weak": Text("Better than a constant prediction, but too weak to act on."),
    "verdict.estimate_excellent": Text("Good enough to estimate {target} closely."),
    "verdict.estimate_good": Text("Good enough to estimate {target}."),
    "verdict.estimate_fair": Text("Good enough for a rough estimate of {target}, but not to decide on single rows."),
    "verdict.estimate_weak": Text("Better than always predicting the mean of {target}, but too weak to act on."),
    "verdict.worse": Text("Do not use it: {other} does better on the same rows."),
    "verdict.useless": Text("Do not use it: it is no better than a constant prediction."),
    "verdict.doubtful": Text(
        "Do not rely on it yet: {rows:,} rows are too few to show that it beats a constant prediction."
    ),
    "verdict.few_rows": Text("Inconclusive: {rows:,} rows are too few to evaluate a model."),
    "verdict.check": Text("Check this before you use it: {what}."),
    "verdict.split": Text("These scores may be too optimistic. {what}."),
    "verdict.not_for": Text("Do not rely on it for {limits}."),
    "verdict.less": Text("Less reliable for {limits}."),
    "evidence.rank": Text(
        "Given one row that is “{positive}” and one that is not, it ranks the first one higher {auc} of the time "
        "(chance: 50%)."
    ),
    "evidence.classify": Text("{share} of the rows are classified correctly."),
    "evidence.estimate": Text("Half of the predictions are off by at most {half}, nine in ten by at most {most}."),
    "limit.missed": Text("detecting “{name}” (recall {recall})"),
    "limit.off": Text("the values of its probabilities: the mean calibration error is {error}"),
    "limit.probabilities": Text("its probabilities: they are worse than the class frequencies"),
    "limit.answers": Text("its predicted classes: they are no more accurate than the majority-class baseline"),
    "limit.prediction": Text("the prediction"),
    "limit.beyond": Text("rows unlike the test rows"),
    "limit.weak_spot_wrong": Text("{rows}: wrong {inside} of the time, {outside} elsewhere"),
    "limit.weak_spot_off": Text("{rows}: off by {inside} on average, {outside} elsewhere"),
    "limit.is": Text("rows where {column} is {values[0]}"),
    "limit.missing": Text("rows where {column} is missing"),
    "limit.below": Text("rows where {column} is below {values[0]}"),
    "limit.from": Text("rows where {column} is {values[0]} or more"),
    "limit.between": Text("rows where {column} is between {values[0]} and {values[1]}"),
    "beats.better": Text(
        "It beats {other}: {metric} {ours} against {theirs}. The difference of {difference} is significant (95% "
        "confidence interval {low} to {high})."
    ),
    "beats.constant_better": Text("It beats {other} as a constant prediction: {metric} {ours} against {theirs}."),
    "beats.constant_equal": Text(
        "It is not significantly better than {other} as a constant prediction: {metric} {ours} against {theirs}."
    ),
    "beats.same": Text("It does as well as {other}: {metric} {ours} for both."),
    "beats.equal": Text(
        "It is not significantly different from {other}: {metric} {ours} against {theirs}. The difference of "
        "{difference} may be due to chance (95% confidence interval {low} to {high})."
    ),
    "beats.worse": Text(
        "It is worse than {other}: {metric} {ours} against {theirs}, a difference of {difference} (95% confidence "
        "interval {low} to {high})."
    ),
    "beats.unknown": Text("{other}: {metric} {theirs} against {ours}; too few rows for a confidence interval."),
    "matters.several": Text("{names}, of {count} columns."),
    "matters.effect": Text("Permuting only {name} raises the {loss} by {grows}."),
    "matters.one": Text("Only {names}, of {count} columns."),
    "matters.none": Text("No single column stands out among {count}."),
    "matters.alike": Text("{first} and {second} are nearly redundant, so each alone looks less important than it is."),
    "next.finding": Text("Diagnosis: {what}. {remedy}"),
    "next.threshold": Text(
        "Set the threshold according to the cost of each kind of error, with the tool in the report: now {missed:,} of "
        "{positives:,} rows of “{name}” are missed, and {false:,} of the other rows are predicted as “{name}”."
    ),
    "next.balance": Text(
        'Train with class_weight="balanced" if “{name}” must be detected: {recall} of its rows are detected now.'
    ),
    "next.calibrate": Text(
        'Train with calibration="temperature" before you use the values of the probabilities: their mean calibration '
        "error is {error}."
    ),
    "next.ranks_only": Text(
        "Use the probabilities only to rank rows, not in calculations: their mean calibration error is {error}."
    ),
    "next.confused": Text(
        "Check the labels of “{first}” and “{second}”, or add a column that distinguishes them: {count:,} of the "
        "{wrong:,} errors confuse these two classes."
    ),
    "next.weak_spot_wrong": Text(
        "Collect more {rows}, or leave these to a person: the prediction is wrong {inside} of the time there, "
        "{outside} elsewhere."
    ),
    "next.weak_spot_off": Text(
        "Collect more {rows}, or leave these to a person: the prediction is off by {inside} on average there, "
        "{outside} elsewhere."
    ),
    "next.simple_better": Text(
        "Use {other} instead ({metric} {theirs} against {ours}), or search for better settings (glassnet search)."
    ),
    "next.simple_as_good": Text(
        "Consider {other}: it does as well here ({metric} {theirs} against {ours}) and is simpler."
    ),
    "next.more_rows": Text("Test it on more than these {rows:,} rows."),
    "next.use": Text(
        "Use it (glassnet predict, glassnet export): its scores come from {rows:,} rows not used for training. "
        "Evaluate it on new rows from time to time (glassnet evaluate)."
    ),
    "next.again": Text("Evaluate it on rows newer than these {rows:,} from time to time (glassnet evaluate)."),
    "next.search": Text("See the diagnosis in the report, or search for better settings (glassnet search)."),
    "names.positive": Text("{target} = {name}"),
    "meaning.accuracy": Text("the fraction of rows classified correctly; higher is better"),
    "meaning.balanced_accuracy": Text(
        "the mean recall over classes, so that rare classes count as much as common ones; higher is better"
    ),
    "meaning.roc_auc": Text(
        "the probability that a random row of the positive class is ranked above one of the other class; 0.5 is "
        "chance, 1 is perfect"
    ),
    "meaning.log_loss": Text("the mean negative log-probability of the actual class; lower is better"),
    "meaning.rmse": Text("the square root of the mean squared error, in the units of the target; lower is better"),
    "meaning.mae": Text("the mean absolute error, in the units of the target; lower is better"),
    "meaning.r2": Text("the fraction of variance explained; 0 is as good as the mean, 1 is perfect"),
    "scores.network": Text("the network"),
    "scores.model": Text("Model"),
    "scores.caption": Text("Scores on {rows:,} rows, each with its 95% confidence interval below"),
    "scores.beside": Text("{metric} ({better})"),
    "scores.higher": Text("higher is better"),
    "scores.lower": Text("lower is better"),
    "scores.points": Text("{value} points"),
    "scores.intervals": Text(
        "Intervals are bootstrap percentiles: the rows were resampled with replacement {count:,} times (seed 0), "
        "and every model was scored on the same samples. If no row is wrong, the lower end is that of the "
        "Clopper-Pearson interval. Intervals show the sampling error of these rows, not the variation between "
        "trainings."
    ),
    "scores.others": Text(
        "The baselines were trained on the same rows as the network, or on {most:,} of them if there are more, with "
        "categories one-hot encoded."
    ),
    "scores.undecided": Text("They predict the most probable class: the threshold or costs are the network's alone."),
    "scores.folds": Text(
        "The training rows of the network are not available here, so the baselines were evaluated by 3-fold "
        "cross-validation on the test rows: each row is predicted by a model that was not trained on it."
    ),
    "scores.alone": Text("No baselines: too few rows, or none were requested."),
    "importance.chart": Text("Feature importance: increase in {loss}"),
    "importance.chart_note": Text("Increase in {loss} when one column is randomly permuted."),
    "importance.log_loss": Text("log loss"),
    "importance.wrong": Text("error rate"),
    "importance.rmse": Text("RMSE"),
    "importance.caption": Text("Increase in {loss} when a column is randomly permuted"),
    "importance.column": Text("Column"),
    "importance.grows": Text("Increase"),
    "importance.again": Text("± over {count} permutations"),
    "importance.note": Text(
        "Measured on {rows:,} rows. A column whose permutation changes nothing is irrelevant or redundant with "
        "another column. Importance does not imply causation."
    ),
    "importance.only_some": Text("The {count} most important are shown."),
    "dependence.probability": Text("probability of “{answer}”"),
    "dependence.score": Text("score of “{answer}”"),
    "dependence.number": Text("predicted {target}"),
    "dependence.note": Text(
        "Partial dependence, with all other columns as they are. The mean of the {answer} is lowest, {low[value]}, "
        "at {low[at]} and highest, {high[value]}, at {high[at]}."
    ),
    "cases.right": Text("Correct and confident"),
    "cases.close": Text("Accurate"),
    "cases.wrong": Text("Largest error"),
    "cases.unsure": Text("Uncertain"),
    "cases.head": Text("Row {row}: predicted {predicted}, actual {actual}"),
    "cases.note": Text(
        "In parentheses: the contribution of each column to the prediction (integrated gradients), relative to a "
        "row with all columns unknown. Rows are numbered from 1 among the test rows, or identified by their names."
    ),
    "rows.row": Text("Row"),
    "rows.actual": Text("Actual"),
    "rows.predicted": Text("Predicted"),
    "rows.probability": Text("Probability of the actual class"),
    "rows.error": Text("Error"),
    "rows.missing": Text("missing"),
    "rows.caption": Text("The {count} rows with the largest loss"),
    "rows.note": Text(
        "Is the actual value in the table correct? If so, what information does the network lack? Rows are "
        "numbered from 1 among the test rows, or identified by their names; the columns are the most important "
        "ones."
    ),
    "rows.note_plain": Text(
        "Is the actual value in the table correct? If so, what information does the network lack? Rows are "
        "numbered from 1 among the test rows, or identified by their names."
    ),
    "calibration.note": Text(
        "Rows are binned by the probability of the predicted class. On the dotted line, accuracy equals "
        "probability; below it, the network is overconfident. The mean distance from the line is the expected "
        "calibration error."
    ),
    "calibration.after": Text("calibrated"),
    "calibration.before": Text("before calibration"),
    "calibration.plain": Text("not calibrated"),
    "calibration.temperature": Text(
        "Temperature scaling divided the logits by {temperature:.3f}, fitted on held-out rows, because {what}."
    ),
    "calibration.too_sure": Text("the network was overconfident"),
    "calibration.too_shy": Text("the network was underconfident"),
    "calibration.better": Text("On these rows, it helped: the calibration error fell from {before} to {after}."),
    "calibration.worse": Text("On these rows, it did not help: the calibration error rose from {before} to {after}."),
    "calibration.same": Text(
        "On these rows, it made no difference: the calibration error was {before} before and {after} after."
    ),
    "calibration.none": Text("The probabilities are not calibrated: they are the raw output of the network."),
    "calibration.asked_in_vain": Text(
        "Calibration was requested, but no rows were held out to fit a temperature on: the probabilities are the "
        "raw output of the network."
    ),
    "calibration.found_one": Text(
        "The temperature fitted on held-out rows is 1: the probabilities needed no correction, and are the raw "
        "output of the network."
    ),
    "curves.choose": Text("Show for the class"),
    "curves.roc": Text("ROC curve of “{name}”"),
    "curves.roc_note": Text(
        "Each point is a threshold: the fraction of “{name}” rows detected (true positive rate, recall) against "
        "the fraction of other rows predicted as “{name}” (false positive rate)."
    ),
    "curves.pr": Text("Precision and recall of “{name}”"),
    "curves.pr_note": Text(
        "Precision: the fraction of rows predicted as “{name}” that are. Recall: the fraction of all “{name}” rows "
        "that are detected. Dotted line: the precision of predicting “{name}” for every row, {share}."
    ),
    "curves.gains": Text("Cumulative gains of “{name}”"),
    "curves.gains_note": Text(
        "The 10% of rows with the highest probability contain {tenth} of all “{name}” rows, the top 20% contain "
        "{fifth}. A random ranking would give 10% and 20%."
    ),
    "threshold.note": Text(
        "A row is predicted as “{yes}” if its probability reaches the threshold. A lower threshold detects more of "
        "them, but gives more false positives."
    ),
    "threshold.ask": Text("Threshold: predict “{yes}” from a probability of"),
    "threshold.cost_false": Text("Cost of predicting “{yes}” when it is “{no}”"),
    "threshold.cost_missed": Text("Cost of predicting “{no}” when it is “{yes}”"),
    "threshold.cheapest": Text("Set to the threshold with the lowest cost"),
    "threshold.total": Text("Total cost on these rows:"),
    "threshold.matrix": Text("Confusion matrix at this threshold"),
    "threshold.predicted": Text("predicted {name}"),
    "threshold.actual": Text("actual {name}"),
    "threshold.apply": Text("To predict with this threshold:"),
    "threshold.accuracy": Text("accuracy"),
    "threshold.said": Text("predicted as “{yes}”"),
    "threshold.chart": Text("Precision and recall by threshold"),
    "threshold.chart_note": Text("If both matter equally, look where the curves cross."),
    "threshold.axis": Text("threshold on the probability of “{yes}”"),
    "threshold.share": Text("share"),
    "threshold.mark": Text("threshold"),
    "threshold.table": Text("Some thresholds for “{yes}”"),
    "threshold.from": Text("Threshold"),
    "threshold.found": Text("True positives"),
    "threshold.false": Text("False positives"),
    "threshold.missed": Text("False negatives"),
    "confusions.matrix": Text("Rows by actual and predicted class"),
    "confusions.weighted": Text("Sums of sample weights by actual and predicted class"),
    "confusions.corner": Text("actual ↓ predicted →"),
    "confusions.pairs": Text("The most frequent confusions"),
    "confusions.rows": Text("Rows"),
    "confusions.weight": Text("Weight"),
    "classes.class": Text("Class"),
    "classes.caption": Text("Metrics by class"),
    "classes.note": Text(
        "Precision: the fraction of rows predicted as a class that belong to it. Recall: the fraction of rows of a "
        "class that were detected. F1: the harmonic mean of both."
    ),
    "residuals.note": Text(
        "Each point is a row; on the dotted line, the prediction equals the actual value. Half of the errors are "
        "at most {half}, nine in ten at most {most}."
    ),
    "residuals.some": Text("{shown:,} of the {rows:,} rows are shown."),
    "residuals.errors": Text("Distribution of the errors"),
    "residuals.axis": Text("prediction minus actual value"),
    "residuals.mean": Text("The mean error is {mean}: {bias}."),
    "residuals.balanced": Text("no systematic bias"),
    "residuals.too_high": Text("predictions tend to be too high"),
    "residuals.too_low": Text("predictions tend to be too low"),
    "promises.caption": Text("Coverage requested and observed"),
    "promises.promised": Text("Requested"),
    "promises.came": Text("Observed"),
    "promises.below": Text("{share} of the rows lie below the quantile {level:g}"),
    "promises.within": Text("{share} of the rows lie within {width:g} standard deviations"),
    "data.target": Text("The target"),
    "data.target_named": Text("The target, {name}"),
    "data.target_numbers": Text("{of}: from {low} to {high}; median {median}, mean {mean}."),
    "data.target_distribution": Text("Distribution of the target"),
    "data.value": Text("value", context="report"),
    "data.rows": Text("rows", context="report"),
    "data.shares": Text("{of}."),
    "data.of_learned_rows": Text("{rows:,} training rows"),
    "data.of_test_rows": Text("{rows:,} test rows"),
    "data.more_classes": Text("{count:,} more classes are not shown."),
    "data.more_levels": Text("All other values ({count:,}): {share}."),
    "data.gaps_note": Text("{share} missing."),
    "data.of_learned": Text("Columns of the {rows:,} training rows"),
    "data.of_test": Text("Columns of the {rows:,} test rows"),
    "data.column": Text("Column"),
    "data.kind": Text("Type"),
    "data.missing": Text("Missing"),
    "data.distinct": Text("Distinct"),
    "data.values": Text("Minimum · median · maximum, or most frequent values"),
    "data.more_columns": Text("{count:,} more columns are not shown."),
    "data.sparse": Text("The table is sparse, with {columns:,} columns; they have no names."),
    "data.learned_rows": Text("Training rows"),
    "data.test_rows": Text("Test rows"),
    "data.worth_a_look": Text("Points to check"),
    "data.nothing_odd": Text("Nothing unusual was found in the columns."),
    "data.constant": Text("{name} is the same in every row, and was not used for training."),
    "data.gaps": Text("{name} is missing in {share} of the rows."),
    "data.new_gaps": Text("{name} has no missing values in the training rows, but {count:,} in the test rows."),
    "data.new_levels": Text("In {count:,} test rows, {name} has values not seen in training, such as {example}."),
    "findings.healthy": Text("The diagnosis found no problems."),
    "findings.healthy_network": Text(
        "The diagnosis found no problems with the weights and the training. Checks that need training rows were "
        "skipped; give them to the report as training_data."
    ),
    "task.target": Text("Target"),
    "task.task": Text("Task", context="report"),
    "task.table": Text("Table"),
    "task.model": Text("Model"),
    "task.command": Text("Command"),
    "task.unknown": Text("y, unnamed"),
    "task.classes": Text("classification, {count} classes: {names}"),
    "task.number": Text("regression"),
    "task.more": Text("{names} and {count} more", context="report"),
    "split.learned": Text("Training", context="report"),
    "split.validated": Text("Validation"),
    "split.test": Text("Test"),
    "split.left_out": Text("Not used"),
    "split.rows": Text("{count:,} rows", context="report"),
    "split.no_answer": Text("{count:,} rows without a target value"),
    "split.drawn": Text("{count:,} rows, {share} of the table, drawn at random with seed {seed}"),
    "split.stratified": Text("; stratified by class"),
    "split.of_file": Text("{count:,} rows of {file}"),
    "split.unknown": Text("unknown", context="report"),
    "split.held_back": Text("{share} of the training rows, drawn with seed {seed}"),
    "split.held_back_each": Text("a different {share} of the training rows for each of the {members} members"),
    "split.refitted": Text("; {count} more were trained on all rows, for the mean of the best epochs of the others"),
    "split.latest": Text("{count:,} rows, the latest by {column}"),
    "split.latest_held": Text("the latest {share} of the training rows, by {column}"),
    "split.together": Text("; no {column} on both sides"),
    "split.of_fold": Text("the rows of a different {column} for each member"),
    "split.of_cv": Text("one fold for each of the {members} members, cv={cv}"),
    "split.of_other_file": Text("rows of {file}"),
    "split.none_held": Text("none: trained for all epochs, with the final weights kept"),
    "training.loss": Text("Loss by epoch"),
    "training.fell": Text("The training loss went from {first:.4g} to {last:.4g} in {epochs} epochs."),
    "training.held_best": Text("The best epoch by validation was {epoch}; its weights were kept."),
    "training.score": Text("{score} on the validation rows"),
    "training.score_note": Text("This score selected the best epoch."),
    "training.rate": Text("Learning rate by epoch"),
    "training.rate_note": Text("The schedule is {schedule}."),
    "training.each": Text("Training of each member"),
    "training.member": Text("Member"),
    "training.epochs": Text("Epochs"),
    "training.best_epoch": Text("Best epoch"),
    "training.seconds": Text("Seconds"),
    "training.ended": Text("Stopped because"),
    "training.last": Text("last"),
    "training.plain": Text(
        "The training loss includes dropout and penalties, if any, and is averaged over the epoch while the "
        "weights change, so it can be above the validation loss."
    ),
    "network.one": Text(
        "One network with {parameters} parameters, trained with the loss {loss} in {dtype}. Columns of the table: "
        "{columns}; inputs that encode them: {inputs}."
    ),
    "network.several": Text(
        "An ensemble of {members} networks, each with {parameters} parameters, whose predictions are averaged; "
        "trained with the loss {loss} in {dtype}. Columns of the table: {columns}; inputs that encode them: {inputs}."
    ),
    "network.ngrams": Text(
        "A linear model on the {count:,} n-grams of the texts (`NgramLinear`) is added to the last layer's outputs."
    ),
    "columns.texts": Text("texts, which are not listed"),
    "network.shared": Text("Within each, {members} members share most of their weights."),
    "network.layers": Text("Layers, from input to output"),
    "network.layer": Text("Layer"),
    "network.into": Text("In"),
    "network.out": Text("Out"),
    "network.parameters": Text("Parameters"),
    "network.kinds": Text(
        "These are the layers of the first. The networks are of several kinds; the weight of each kind was fitted "
        "on held-out rows."
    ),
    "network.kinds_table": Text("Networks by kind"),
    "network.kind": Text("Kind"),
    "network.members": Text("Networks"),
    "network.weight": Text("Weight"),
    "reproduce.command": Text("In the terminal"),
    "reproduce.code": Text("In Python"),
    "reproduce.same": Text(
        "The same seed gives the same results on the same machine with the same versions; elsewhere they may "
        "differ slightly."
    ),
    "reproduce.settings": Text("All settings"),
    "reproduce.setting": Text("Setting"),
    "reproduce.value": Text("Value"),
    "reproduce.versions": Text("Versions"),
    "reproduce.package": Text("Package"),
    "reproduce.version": Text("Version"),
    "reproduce.machine": Text("Python and machine"),
    # Of the model card (exchange/card_text.py), which shares names of scores, models and columns with the report.
    "card.fill_in": Text("> **To be filled in by a person:** {what}"),
    "card.classifier": Text(
        "A neural network that classifies the rows of a table into {classes} classes; columns used: {columns}."
    ),
    "card.regressor": Text("A neural network that predicts a number for each row of a table; columns used: {columns}."),
    "card.bare": Text("A feed-forward neural network; inputs: {inputs}, outputs: {outputs}."),
    "card.target": Text("It predicts **{target}**."),
    "card.classes": Text("The classes: {classes}."),
    "card.more": Text("and {count:,} more"),
    "card.size": Text("{networks} of {parameters} parameters, computed in {dtype}; it was trained to minimize {loss}:"),
    "card.one": Text("One network"),
    "card.several": Text("{count} networks, averaged, each"),
    "card.of_kinds": Text(
        "These are the layers of the first. The networks are of several kinds; the weight of each kind was fitted "
        "on rows held out from it."
    ),
    "card.members": Text("Each consists of {count} members that share weights."),
    "card.use": Text("What is the model for, who uses it, and what is decided from its predictions?"),
    "card.not_for": Text(
        "What must the model not be used for? Which groups of people or cases are missing from its training data, "
        "and who is harmed by a wrong prediction?"
    ),
    "card.origin": Text("Where do the rows come from, and under which license?"),
    "card.learned": Text("It was trained on {rows:,} rows, including those that validated its epochs."),
    "card.looked_at": Text("The statistics below are from {rows:,} of them, evenly spaced."),
    "card.more_columns": Text("{count:,} more columns are not shown."),
    "card.no_data": Text("The model contains no statistics of its training rows."),
    "card.target_numbers": Text("The target ranges from {low} to {high}, with a median of {middle}."),
    "card.positive": Text("The positive class is {positive}, predicted from a probability of {threshold} on."),
    "decision.threshold": Text("“{name}” is predicted from a probability of {threshold} on."),
    "decision.by_costs": Text("The class with the lowest expected cost of an error is predicted."),
    "decision.costs": Text("Costs of errors (actual class as predicted class): {costs}."),
    "decision.cost": Text("{actual} as {predicted}: {cost:g}"),
    "decision.other_costs": Text("any other: {cost:g}"),
    "decision.by_score": Text("The threshold was chosen for the best {score} on rows held out from training."),
    "card.target_classes": Text("The classes of the target: {levels}."),
    "card.scored": Text("On {rows:,} rows not used for training:"),
    "card.scored_somewhere": Text("On rows not used for training:"),
    "card.next": Text("Next step: {step}"),
    "card.intervals": Text(
        "The intervals are bootstrap percentiles: they show the sampling error of these rows, not the variation "
        "between trainings."
    ),
    "card.no_scores": Text("The model contains no scores. Train with `glassnet train`, or give test rows to the card."),
    "card.python": Text("In Python:"),
    "card.terminal": Text("In the terminal:"),
    "card.rows_comment": Text("a table with the columns above"),
    "card.matrix_comment": Text("an array of shape (rows, {inputs})"),
    "card.safe": Text("The file is safetensors: nothing in it is executed when it is loaded."),
    "card.needs": Text("Rows must have columns with these names; missing values are allowed."),
    "card.beyond": Text(
        "Far outside the ranges above, predictions are unreliable; an unseen category counts as unknown."
    ),
    "card.calibrated": Text("Its probabilities are calibrated (temperature {temperature:.3g})."),
    "card.uncalibrated": Text("Its probabilities are not calibrated."),
    "card.promised": Text(
        "The coverage of its intervals or sets is guaranteed for rows from the same source as the {rows:,} rows "
        "given to `conformalize`."
    ),
    "card.causes": Text("It has learned correlation, not causation."),
    "card.written_with": Text("This card was written with:"),
    "card_section.description": Text("Description"),
    "card_section.use": Text("Intended use"),
    "card_section.data": Text("Training data"),
    "card_section.evaluation": Text("Evaluation"),
    "card_section.how": Text("How to use"),
    "card_section.limits": Text("Limits"),
    "card_section.versions": Text("Versions"),
    "card_head.kind": Text("kind"),
    "card_head.networks": Text("networks"),
    "card_head.parameters": Text("parameters of each"),
    "card_head.weight": Text("weight"),
    "card_head.column": Text("column"),
    "card_head.missing": Text("missing"),
    "card_head.distinct": Text("distinct"),
    "card_head.values": Text("minimum · median · maximum, or most frequent"),
    "card_head.score": Text("score"),
    "card_head.network": Text("network"),
    "card_head.interval": Text("95% confidence interval"),
}

"""The words of the doctor."""

from __future__ import annotations

from typing import Final

from glassnet.support.language import Text

TEXTS: Final = {
    "severity.serious": Text("serious"),
    "severity.warning": Text("warning"),
    "severity.note": Text("note"),
    "finding.head": Text("{severity}: {what}"),
    "finding.reason": Text("why: {reason}"),
    "finding.remedy": Text("do: {remedy}"),
    "finding.why": Text("Reason"),
    "diagnosis.summary": Text("checks: {checked}; problems found: {found}"),
    "diagnosis.fine": Text("passed: {names}"),
    "diagnosis.skipped": Text("not checked: {names}"),
    "diagnosis.and": Text(", "),
    "diagnosis.semicolon": Text("; "),
    "diagnosis.because": Text("{names} ({reason})"),
    "diagnosis.progress": Text("diagnosis"),
    "lacking.history": Text("needs the training history"),
    "lacking.rows": Text("needs rows: give X"),
    "lacking.bare": Text("estimators scale them automatically"),
    "lacking.targets": Text("needs rows with targets: give X and y"),
    "lacking.cells": Text("needs the table that the estimator was trained on"),
    "lacking.classes": Text("the target is not one class per row"),
    "lacking.one target": Text("there are several targets per row"),
    "lacking.unseen": Text("needs unseen rows: give the training rows, or validation data"),
    "lacking.given": Text("needs validation data"),
    "not_measurable.broken": Text("the network contains inf or NaN"),
    "not_measurable.infinite": Text("some values are inf or NaN"),
    "not_measurable.few_rows": Text("too few rows"),
    "not_measurable.only_new_levels": Text("nearly every row has a category of its own"),
    "not_measurable.one_row": Text("only one row"),
    "not_measurable.few_epochs": Text("there are fewer than {count} epochs"),
    "not_measurable.no_optimizer": Text("the optimizer used in training is unknown"),
    "not_measurable.no_rate": Text("the learning rate used in training is unknown"),
    "not_measurable.whole_table": Text("L-BFGS has no learning rate"),
    "not_measurable.no_gradient": Text("the loss is 0, so there is no gradient"),
    "not_measurable.no_neurons": Text("the network has no dense layers"),
    "not_measurable.no_number": Text("the network does not predict a single number"),
    "not_measurable.no_baseline": Text(
        "the loss of the best constant prediction is 0 or less, so there is nothing to compare with"
    ),
    "not_measurable.no_probabilities": Text("the loss gives no probabilities"),
    "not_measurable.knows_too_little": Text("the network is not good enough to question labels"),
    "not_measurable.normalised": Text("the first layer scales them"),
    "columns.together": Text("no single column, but in all together"),
    "unscaled_inputs.what": Text(
        "inputs not scaled: the RMS of {count} of {columns} columns is far from 1; that of column {column} is "
        "{size:.3g}"
    ),
    "unscaled_inputs.reason": Text(
        "Initial weights assume inputs with an RMS near 1. Large columns saturate or kill units and dominate the "
        "others; tiny ones have almost no effect."
    ),
    "unscaled_inputs.remedy": Text(
        "Subtract each column's mean and divide by its standard deviation (TableEncoder or StandardScaler), or put "
        "batch_norm first."
    ),
    "unscaled_target.what": Text("target not scaled: its RMS is {size:.3g}"),
    "unscaled_target.reason": Text(
        "The gradient grows with the error. With targets this large, the first steps push the weights far off, and "
        "the biases need many steps to catch up."
    ),
    "unscaled_target.remedy": Text(
        "Subtract the mean, divide by the standard deviation, and invert this for the predictions; NeuralRegressor "
        "does this automatically."
    ),
    "imbalance.what": Text("imbalanced classes: {name} has {share:.2%} of the rows ({count:,} of {rows:,})"),
    "imbalance.reason": Text("Accuracy says little here: never predicting {name} is right on {right:.2%} of the rows."),
    "imbalance.remedy": Text(
        "Evaluate with average_precision, balanced_accuracy or log loss; choose a threshold that suits the "
        "application; use class_weight='balanced' if finding rare classes is worth more false positives."
    ),
    "class_never_answered.what": Text(
        "the network never predicts {name}, though {count:,} of {rows:,} rows belong to it"
    ),
    "class_never_answered.reason": Text(
        "For every row, another class is more probable. That may be correct if the class is rare and resembles "
        "others, but then the network cannot be used to detect it."
    ),
    "class_never_answered.remedy": Text(
        "Lower its threshold (decision_threshold_, for two classes), use class_weight='balanced', or add rows of "
        "this class."
    ),
    "classes_never_answered.what": Text(
        "the network never predicts {silent} of the {classes} classes ({name}), though {count:,} of {rows:,} rows "
        "belong to them"
    ),
    "classes_never_answered.reason": Text(
        "For every row, another class is more probable. That may be correct if these classes are rare and resemble "
        "others, but then the network cannot be used to detect them."
    ),
    "classes_never_answered.remedy": Text(
        "Use class_weight='balanced', train for longer, or add rows of these classes."
    ),
    "duplicates.what": Text(
        "{count:,} of {rows:,} held-out rows ({share:.1%}) also occur among the training rows, with the same "
        "inputs and target"
    ),
    "duplicates.reason": Text(
        "On these rows, the score measures memorization. If rows repeat naturally (few columns with few values), "
        "new data will repeat them, too; if they are copies, the score is too optimistic."
    ),
    "duplicates.remedy": Text(
        "Remove duplicates before splitting, or keep rows of the same origin on one side (GroupKFold)."
    ),
    "trained_on.what": Text("{count:,} of these {rows:,} rows were used to train the model"),
    "trained_on.reason": Text("On rows that it has seen, a model answers from memory, too."),
    "trained_on.remedy": Text("Evaluate on rows that it has not seen: scores on these are higher than on new rows."),
    "twice.what": Text(
        "{count:,} of {rows:,} rows ({share:.1%}) occur more than once, target included; a random split puts them "
        "on both sides"
    ),
    "free_text.what": Text(
        "{name}: free text ({share:.0%} of its cells are different), and nothing is learned from its words"
    ),
    "free_text.reason": Text(
        "Each text is a separate category. A text that occurs once is of no use, and in new rows every text is unknown."
    ),
    "free_text.remedy": Text(
        "Let the network learn from its words: free_text=[{name!r}] (--free-text {typed}). Or exclude it: "
        "--drop {typed}."
    ),
    "telling_text.what": Text(
        "{name}: free text ({share:.0%} of its cells are different), and nothing is learned from its words, though "
        "a linear model on these alone explains {skill:.0%} of the target's variance"
    ),
    "telling_text.remedy": Text("Let the network learn from its words: free_text=[{name!r}] (--free-text {typed})."),
    "idle_text.what": Text(
        "{name}: free text ({share:.0%} of its cells are different), and nothing is learned from its words; by "
        "themselves they hardly predict the target"
    ),
    "idle_text.remedy": Text(
        "Exclude it: --drop {typed}. If you expect its words to matter, turn it into numbers first."
    ),
    "identifier.what": Text("{columns}: different in every row, like an identifier"),
    "identifier.reason": Text(
        "What is learned of a value that never comes again holds for no other row: the network can only memorize."
    ),
    "identifier.remedy": Text("If it only identifies rows, exclude it: --id {typed} (in Python: drop the column)."),
    "nearly_identifier.what": Text("{columns}: different in nearly every row, like an identifier"),
    "row_numbers.what": Text("{columns}: different in every row, like row numbers"),
    "row_numbers.reason": Text(
        "The order in which rows were collected or sorted is often related to the target, but new rows have other "
        "numbers."
    ),
    "row_numbers.remedy": Text("If it only numbers the rows, exclude it: --id {typed} (in Python: drop the column)."),
    "sentinel.what": Text("{name} is {values} in {share:.1%} of the rows, far from all other values ({low} to {high})"),
    "sentinel.reason": Text(
        "If it means a missing value, the network reads it as a quantity, and missing values are not marked."
    ),
    "sentinel.remedy": Text(
        "If it means a missing value, declare it: --missing={typed} (in Python: replace it with NaN)."
    ),
    "sentinel_elsewhere.remedy": Text(
        "If it means a missing value, empty these cells (in Python: replace it with NaN). --missing={typed} would "
        "also empty those of {elsewhere}."
    ),
    "sentinel_date.remedy": Text(
        "If it means a missing value, declare it with --missing as written in the file (in Python: replace it with "
        "NaT)."
    ),
    "alike_groups.what": Text(
        "{name}: rows with the same value are alike; their targets differ {likeness:.0%} less than those of any "
        "two rows ({count:,} values, {rows:.3g} rows each on average)"
    ),
    "alike_groups.reason": Text(
        "A random split puts rows of the same {name} on both sides, so the scores tell how well the model knows "
        "these, and are too good for a new one."
    ),
    "alike_groups.remedy": Text(
        "If the model will be asked about a {name} that it has not seen, keep each on one side of the split: "
        "--group {typed} (groups= in Python)."
    ),
    "alike_times.what": Text(
        "{name}: the rows are in its order, and neighbours are alike; their targets differ {likeness:.0%} less "
        "than those of any two rows"
    ),
    "alike_times.reason": Text(
        "A random split puts test rows between training rows of nearly the same time, so the scores are too good "
        "for later rows."
    ),
    "alike_times.remedy": Text(
        "If the model will predict later rows, test it on the latest: --time {typed} (times= in Python)."
    ),
    "almost_numbers.what": Text(
        "{name} is text, but {share:.1%} of its cells are numbers; the exceptions are {spoilers}"
    ),
    "almost_numbers.reason": Text(
        "As text, each number is a separate category: 41 and 42 are unrelated, and a number not seen in training "
        "is unknown."
    ),
    "almost_numbers.remedy": Text(
        "If these cells mean missing values, declare them: --missing {gap} (missing= of read_table); otherwise "
        "correct them, or convert the column to numbers with missing values."
    ),
    "only_numbers.what": Text("{name} is text, but all of its cells are numbers, with a comma or a percent sign"),
    "only_numbers.remedy": Text(
        "Convert the column to numbers (in pandas: decimal=',' or thousands=',' of read_csv), or read the file "
        "with read_table."
    ),
    "marked.what": Text("{name} is text, but {share:.1%} of its cells are numbers with extra characters: {written}"),
    "marked.remedy": Text("Keep only the numbers in the cells, and put the symbol or unit in the column name."),
    "almost_dates.what": Text("{name} is text, but {share:.1%} of its cells are dates, written {written}"),
    "almost_dates.reason": Text(
        "As text, each date is a separate category: their order is lost, and a date not seen in training is unknown."
    ),
    "almost_dates.remedy": Text("Write all dates as 2021-01-27 or 2021-01-27 15:01."),
    "almost_dates.short_years": Text(
        "Say the order of day, month and year: --date-format dmy, mdy or ymd (date_format= of read_table); or "
        "write all dates as 2021-01-27."
    ),
    "almost_dates.exceptions": Text(
        " The exceptions are {spoilers}: if these cells mean missing values, also declare them: --missing {gap} "
        "(missing= of read_table)."
    ),
    "spoilt_dates.what": Text("{name} is text, but {share:.1%} of its cells are dates; the exceptions are {spoilers}"),
    "spoilt_dates.remedy": Text(
        "If these cells mean missing values, declare them: --missing {gap} (missing= of read_table); otherwise "
        "correct them."
    ),
    "drift.what": Text(
        "training and validation rows differ: in {columns} (Kolmogorov-Smirnov distance {distance:.2f}); a random "
        "forest tells them apart with an ROC AUC of {auc:.2f}"
    ),
    "drift.reason": Text(
        "Patterns in some rows need not hold for others. The validation score then shows how the network performs "
        "on rows unlike its training rows: this may be what you want to know, or an artifact of the split."
    ),
    "drift.remedy": Text(
        "If the rows are ordered in time, this is expected: prefer columns that stay stable. Otherwise split at "
        "random, and look for columns with row numbers or dates."
    ),
    "leaked_target.what": Text(
        "possible target leakage: {columns}: a single column removes {skill:.1%} of the error of the best constant "
        "prediction"
    ),
    "leaked_target.reason": Text(
        "A column that predicts this well is often derived from the target, or known only after it. Then the model "
        "is useless in production, however good its scores."
    ),
    "leaked_target.remedy": Text(
        "Check whether the column is known at prediction time, with the same values as here. If not, drop it."
    ),
    "ordered_classes.what": Text(
        "classes with an order: the {classes} classes are numbers, and wrong predictions are {off:.2g} classes off on "
        "average ({chance:.2g} by chance)"
    ),
    "ordered_classes.reason": Text(
        "A classifier knows no order: a prediction that is one class off is as wrong as one that is five off. Of "
        "scores and amounts it is nearly right."
    ),
    "ordered_classes.remedy": Text(
        "If they are scores or amounts, predict the number: NeuralRegressor, or glassnet train --task regression."
    ),
    "suspect_labels.what": Text(
        "labels that may be wrong: even where the network is most confident, {floor:.1%} of them contradict it; "
        "{count:,} rows, the most suspicious first: {first}"
    ),
    "suspect_labels.reason": Text(
        "If rows were merely hard, errors would be rare where the network is confident. Here they are nearly as "
        "frequent there as elsewhere, as if labels were assigned wrongly at random."
    ),
    "suspect_labels.remedy": Text(
        "Check these rows (numbers from 0; all in evidence['rows']) and correct or drop them; label_smoothing "
        "reduces the harm of the rest."
    ),
    "suspect_numbers.what": Text(
        "targets that may be wrong: {count:,} rows with errors of up to {times:.0f} times the 95th percentile, the "
        "most suspicious first: {first}"
    ),
    "suspect_numbers.reason": Text(
        "Wrong units and misplaced decimal points look like this; so do rare but true values."
    ),
    "suspect_numbers.remedy": Text(
        "Check these rows (numbers from 0; all in evidence['rows']). Correct the wrong values; if they are true, "
        "use a loss such as huber to keep them from dominating."
    ),
    "not_finite.what": Text("{where}: {count:,} values are inf or NaN, the first in {name}"),
    "not_finite.reason": Text(
        "An inf or NaN propagates to everything computed from it, so the network cannot predict anything."
    ),
    "not_finite.remedy": Text("Train again with a smaller learning rate or clip_norm=1, on scaled inputs and targets."),
    "diverged.what": Text("the training diverged in epoch {epoch}: {ended}"),
    "diverged.reason": Text("The updates were so large that each increased the loss. {began}"),
    "diverged.remedy": Text(
        "Divide the learning rate by 10, clip the gradient (clip_norm=1), and scale inputs and targets."
    ),
    "diverged.began": Text("It began in layer {layer}, whose {name} was the first to become inf or NaN."),
    "diverged.grew": Text("The values of layer {layer} are the largest: {name} reaches {largest:.1e}."),
    "diverged.unknown": Text("Where it began can only be seen during training: callbacks=[glassnet.Doctor()]."),
    "learning_rate_high.what": Text(
        "the learning rate is too high: the training loss jumped up in {jumps} of {epochs} epochs, once by "
        "{largest:.3g}"
    ),
    "learning_rate_high.reason": Text(
        "Steps that are too large overshoot the minimum: the loss oscillates instead of converging."
    ),
    "learning_rate_high.remedy": Text(
        "Divide the learning rate by 3 to 10, or use a schedule that lowers it, such as cosine."
    ),
    "high_though_falling.remedy": Text("Divide the learning rate by 3 to 10."),
    "learning_rate_low.what": Text(
        "the learning rate is too low: a step changes the weights by {ratio:.0e} of their size, and all {steps:,} "
        "steps together by {change:.1%} at most"
    ),
    "learning_rate_low.reason": Text(
        "With such small steps, the weights hardly leave their initial values; a relative change of about 0.001 "
        "per step is typical."
    ),
    "learning_rate_low.remedy": Text("Multiply the learning rate by 10, and check again."),
    "still_learning.what": Text(
        "training ended too early: {fall:.0%} of the total decrease in loss came in the last {last} of {epochs} epochs"
    ),
    "still_learning.reason": Text(
        "Training ended at the maximum number of epochs, while the network was still improving."
    ),
    "still_learning.remedy": Text("Train for more epochs (with early_stopping), or raise the learning rate."),
    "place.layer": Text("layer {layer}"),
    "place.network_layer": Text("network {network}, layer {layer}"),
    "dead_units.what": Text("{where}: {count} of {units} units are dead: inactive for all {rows:,} rows"),
    "dead_units.reason": Text(
        "If the activation of a unit is flat for every row, no gradient reaches its weights, so it cannot recover. "
        "Usually an update was too large, or the inputs are far from 0."
    ),
    "dead_units.remedy": Text(
        "Lower the learning rate, scale the inputs, or use an activation that is not flat below 0: leaky_relu, "
        "elu, silu."
    ),
    "saturated_units.what": Text(
        "{where}: {count} of {units} units are saturated, at the limit of {activation} for nearly all of {rows:,} rows"
    ),
    "saturated_units.reason": Text(
        "At its limits the activation is flat: hardly any gradient passes, and the unit gives the same value for "
        "all rows. Its weighted sums are too large."
    ),
    "saturated_units.remedy": Text(
        "Scale the inputs, use smaller initial weights, lower the learning rate, or normalize before the layer "
        "(batch_norm, layer_norm)."
    ),
    "vanishing_gradients.what": Text("{where}: the gradient is {ratio:.0g} times that of the last layer"),
    "vanishing_gradients.reason": Text(
        "In backpropagation, the gradient is multiplied by the weights and activation slopes of every layer, which "
        "are mostly below 1 here. The first layers learn nothing: their weights stay random."
    ),
    "vanishing_gradients.remedy": Text(
        "Use relu, silu or selu instead of sigmoid or tanh, fewer layers, residual blocks, or normalization "
        "between the layers. Dead layers block the gradient, too."
    ),
    "exploding_gradients.what": Text("{where}: the gradient is {ratio:.0e} times that of the last layer"),
    "exploding_gradients.reason": Text(
        "In backpropagation, the gradient is multiplied by the weights of every layer, which are too large here. "
        "No learning rate suits both the first and the last layers."
    ),
    "exploding_gradients.remedy": Text(
        "Use smaller initial weights (the initializer that suits the activation), normalize between the layers, or "
        "clip the gradient: clip_norm=1."
    ),
    "overfitting.what": Text(
        "overfitting: relative to the best constant prediction, the loss is {gone_of_learned} on the training "
        "rows, and {gone} on {where}"
    ),
    "overfitting.reason": Text(
        "The network has memorized its training rows, including the noise; its predictions on new rows are worse "
        "than the training loss suggests."
    ),
    "overfitting.remedy": Text(
        "More rows help most. Otherwise: early_stopping, dropout, more weight_decay, fewer units, several members."
    ),
    "early_overfitting.what": Text(
        "overfitting from the first epochs: validation was best after epoch {best} of {epochs}; from then on the "
        "training loss fell from {kept:.3g} to {end:.3g}, while the validation loss went from {kept_unseen:.3g} to "
        "{end_unseen:.3g}"
    ),
    "early_overfitting.reason": Text(
        "The network memorizes its training rows before it learns much that generalizes, so the weights that are "
        "kept are of little use."
    ),
    "early_overfitting.remedy": Text(
        "Divide the learning rate by 3 to 10, use fewer units, or more dropout and weight_decay; more rows help "
        "most. If nothing does, the columns may have little to do with the target."
    ),
    "underfitting.what": Text(
        "underfitting: relative to the best constant prediction, the loss is {gone} on the training rows; that of "
        "a random forest is {forest:.0%} lower on unseen rows"
    ),
    "underfitting.reason": Text(
        "There is more to learn from these columns: the network is too small, too strongly regularized, or was not "
        "trained long enough at a suitable learning rate."
    ),
    "underfitting.remedy": Text(
        "Try other learning rates (10 times higher, 10 times lower) and more epochs, then more units, then less "
        "dropout and weight_decay."
    ),
    "nothing_learned.what": Text(
        "nothing learned: relative to the best constant prediction, the loss is {gone} on the training rows"
    ),
    "nothing_learned.reason": Text(
        "The network is no better than always predicting the mean, or the class frequencies. {other}"
    ),
    "nothing_learned.remedy": Text(
        "Check the learning rate and dead units first, then whether the columns have anything to do with the target."
    ),
    "validation_too_small.what": Text(
        "too few rows to tell: on {where}, the loss is {size:.3g} ± {error:.2g} {compared} than that "
        "of a constant prediction"
    ),
    "validation_too_small.reason": Text(
        "The difference is less than twice its standard error; on other rows it might be the opposite."
    ),
    "validation_too_small.remedy": Text(
        "Evaluate on more rows, or on all rows in turn: cross-validation, or several members."
    ),
    "unseen.given": Text("{rows:,} rows not used for training"),
    "unseen.validation": Text("{rows:,} validation rows"),
    "unseen.out_of_fold": Text("{rows:,} training rows, each judged by networks that have not seen it (out of fold)"),
    "fit.gone": Text("{share:.0%} lower"),
    "fit.grown": Text("{times:.3g} times as large"),
    "fit.forest_too": Text("A random forest is no better, so there may be nothing to learn."),
    "fit.forest_not": Text("A random forest learns more."),
    "fit.no_other_model": Text("No other model was tried on this target."),
    "fit.lower": Text("lower"),
    "fit.higher": Text("higher"),
}

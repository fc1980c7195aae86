"""The head of the report: verdict, comparison with baselines, most important columns, next steps, and the scores."""

from __future__ import annotations

from typing import Any

import numpy as np

from glassnet.display.blocks import Block, Cards, Paragraph, Template
from glassnet.display.numbers import number, percent
from glassnet.insight.baselines import CONSTANTS
from glassnet.insight.bootstrap import Interval
from glassnet.insight.doctor import Finding
from glassnet.insight.report.formatting import MODELS, difference, increase, loss_name, model_name, span
from glassnet.insight.report.judgement import GRADES, Comparison, Judgement, Point, WeakSpot, judge
from glassnet.insight.report.subject import NETWORK, Subject
from glassnet.insight.report.texts import TEXTS
from glassnet.insight.scores import METRICS, Metric
from glassnet.insight.shuffled_columns import shuffled_columns
from glassnet.support.language import Text

TONES = {"excellent": "good", "good": "good", "fair": "middling", "split": "middling"}
MOST_NAMED, ALIKE_AMONG = 3, 10


def result(subject: Subject) -> list[Block]:
    """The verdict with its reasons, the scores beside baselines, and the figures."""
    found = judge(subject)
    answers = [
        (subject.say("result.beats"), [_compared(subject, found.metric, each) for each in found.beats]),
        (subject.say("result.matters"), _matters(subject)),
        (subject.say("result.then"), [subject.say(_step(subject, found, step)) for step in found.steps[1:]]),
    ]
    shown = {
        "tone": TONES.get(found.code, "bad"),
        "says": _verdict(subject, found),
        "evidence": subject.say(f"evidence.{found.use}", **_values(subject, found)) if found.code in GRADES else "",
        "limits": _limits(subject, found),
        "next": (subject.say("result.next"), subject.say(next_step(subject))),
        "answers": [(title, sentences) for title, sentences in answers if sentences],
    }
    tested = "result.tested" if subject.learned else "result.tested_rows"
    blocks: list[Block] = [Template("verdict.html", shown)]
    blocks += [Paragraph(reason, "warning") for reason in found.reasons]
    blocks += [
        Paragraph(subject.say("next.finding", what=each.what, remedy=each.remedy), "warning")
        for each in subject.noticed
        if each.severity != "note" and each is not found.finding and not any(each.what in why for why in found.reasons)
    ]
    blocks += [_cards(subject), Paragraph(subject.say(tested, rows=len(subject.y)), "note")]
    return blocks


def in_a_sentence(subject: Subject) -> str:
    """Return the verdict as printed in a terminal: the use of the model, and its limits."""
    found = judge(subject)
    return subject.sentences([_verdict(subject, found), *filter(None, [_limits(subject, found)])])


def next_step(subject: Subject) -> Text:
    """Return the most important next step, in a sentence or two: on the page, in the terminal and on the card."""
    found = judge(subject)
    return _step(subject, found, found.steps[0])


def _values(subject: Subject, found: Judgement) -> dict[str, Any]:
    """The values filled into the verdict and its evidence."""
    values: dict[str, Any] = {"target": subject.origin.target or subject.say("result.the_target")}
    ours = subject.scores[NETWORK]
    if found.use == "rank" and subject.classes is not None:
        name = str(subject.classes[subject.positive])
        if subject.origin.target:
            name = subject.say("names.positive", target=subject.origin.target, name=name)
        values |= {"positive": name, "auc": percent(ours["roc_auc"], 0)}
    elif found.use == "classify":
        values |= {"share": percent(ours[found.metric.key], 0)}
    elif found.use == "estimate":
        half, most = np.quantile(subject.errors, [0.5, 0.9])
        values |= {"half": number(float(half)), "most": number(float(most))}
    return values


def _verdict(subject: Subject, found: Judgement) -> str:
    """The verdict in a sentence."""
    if found.code in GRADES:
        return subject.say(f"verdict.{found.use}_{found.code}", **_values(subject, found))
    if found.finding is not None:
        return subject.say(f"verdict.{found.code}", what=found.finding.what)
    simple = next((each for each in found.beats if each.code == "worse"), None)
    return subject.say(
        f"verdict.{found.code}", rows=len(subject.y), other="" if simple is None else model_name(subject, simple.other)
    )


def _limits(subject: Subject, found: Judgement) -> str:
    if found.code not in GRADES:
        return ""
    sentences = []
    for code, weak in (("not_for", False), ("less", True)):
        limits = [
            subject.say(_stated(subject, "limit", limit))
            for limit in found.limits
            if (limit.code == "weak_spot") == weak
        ]
        if limits:
            sentences.append(subject.say(f"verdict.{code}", limits=subject.say("page.semicolon").join(limits)))
    return subject.sentences(sentences)


def _stated(subject: Subject, kind: str, point: Point) -> Text:
    """A statement of the verdict with its figures: a limit or a step."""
    values: dict[str, Any] = {
        name: percent(value) if isinstance(value, float) else value for name, value in point.values.items()
    }
    code = point.code
    if code == "weak_spot":
        spot: WeakSpot = values["spot"]
        form, code = (number, "weak_spot_off") if subject.classes is None else (percent, "weak_spot_wrong")
        column = spot.column or TEXTS["limit.prediction"]
        rows = TEXTS[f"limit.{spot.kind}"].filled(column=column, values=spot.values)
        values = {"rows": rows, "inside": form(spot.inside), "outside": form(spot.outside)}
    return TEXTS[f"{kind}.{code}"].filled(**values)


def _compared(subject: Subject, metric: Metric, each: Comparison) -> str:
    ends = each.interval or Interval(0.0, 0.0)
    kind = each.code
    if each.other in CONSTANTS and (kind == "better" or (kind == "equal" and not ends.low <= 0 <= ends.high)):
        kind = f"constant_{kind}"
    kind = "same" if each.code == "equal" and each.ours == each.theirs else kind
    return subject.say(
        f"beats.{kind}",
        other=model_name(subject, each.other),
        metric=subject.say(METRICS[metric.key]),
        ours=metric.spell(each.ours),
        theirs=metric.spell(each.theirs),
        difference=difference(subject, metric, each.ours - each.theirs),
        low=difference(subject, metric, ends.low),
        high=difference(subject, metric, ends.high),
    )


def _matters(subject: Subject) -> list[str]:
    """Return the columns with the largest permutation importance, and the columns redundant with them."""
    found = subject.importances
    sentences = []
    if found is not None:
        count = len(shuffled_columns(subject.model.encoder_.feature_names_in, subject.column_groups or {}))
        sure = [at for at in found.order if found.means[at] > 2 * found.deviations[at] and found.means[at] > 0]
        names = [found.columns[at] for at in sure[:MOST_NAMED]]
        key = "matters.none" if not names else "matters.one" if len(names) == 1 else "matters.several"
        listed = subject.say("page.and").join(filter(None, [subject.say("page.comma").join(names[:-1]), *names[-1:]]))
        sentences += [subject.say(key, names=listed, count=count)] if count > 1 or not sure else []
        if sure:
            grows = increase(found, found.means[sure[0]])
            sentences.append(subject.say("matters.effect", name=names[0], loss=loss_name(subject), grows=grows))
        leading = {found.columns[at] for at in found.order[:ALIKE_AMONG]}
        alike = [pair for pair in subject.near_duplicates if leading.intersection(pair)]
        sentences += [subject.say("matters.alike", first=first, second=second) for first, second in alike[:2]]
    return sentences


def _step(subject: Subject, found: Judgement, step: Point) -> Text:
    if step.code in ("finding", "remedy"):
        told: Finding = step.values["finding"]
        what, remedy = (words.filled(**told.evidence) for words in (told.case.what, told.case.remedy))
        return remedy if step.code == "remedy" else TEXTS["next.finding"].filled(what=what, remedy=remedy)
    if "than" in step.values:
        than: Comparison = step.values["than"]
        scores = {"theirs": found.metric.spell(than.theirs), "ours": found.metric.spell(than.ours)}
        named = {"other": MODELS[than.other], "metric": METRICS[found.metric.key], **scores}
        return TEXTS[f"next.{step.code}"].filled(**named)
    return _stated(subject, "next", step)


def _cards(subject: Subject) -> Cards:
    """The scores, large."""
    cards = []
    for metric in subject.metrics:
        around = subject.resampled.interval(NETWORK, metric.key)
        notes = []
        if around is not None:
            notes += [subject.say("result.interval"), span(metric, around.low, around.high)]
        cards.append((subject.say(METRICS[metric.key]), metric.spell(subject.scores[NETWORK][metric.key]), notes))
    return Cards(cards)

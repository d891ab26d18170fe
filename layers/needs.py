"""What would change a verdict, as sentences."""

from collections.abc import Sequence

from geo.schema import Outcome, Verdict
from geo.verdict_paths import Paths
from layers.goal_line import GoalLine
from layers.reasons import shortfall
from layers.strings import Language, goal_figure, number, text


def better_sentences(paths: Paths, lines: Sequence[GoalLine], language: Language) -> tuple[str, ...]:
    """A sentence per step to a better verdict; one alone where there is none better."""
    if not paths.better:
        return (text("path_best", language),)
    by_dimension = {line.dimension: line for line in lines}
    sentences = []
    for place, step in enumerate(paths.better):
        needs = [_need(by_dimension[one], language) for one in step.dimensions if one in by_dimension]
        if step.signals:
            needs.append(text("need_signals", language))
        sentences.append(
            text(
                "path_more" if place else "path_first",
                language,
                verdict=text(f"verdict_{step.verdict}", language),
                needs="; ".join(needs),
            )
        )
    return tuple(sentences)


def worse_sentence(paths: Paths, lines: Sequence[GoalLine], language: Language) -> str:
    """Which goals would make a gap of the unit if they came to fail; empty where it is one."""
    held = [line for line in lines if line.dimension in paths.worse]
    if not held:
        return ""
    needs = "; ".join(
        text(
            "need_above" if _falls(line) else "need_below",
            language,
            dimension=line.name,
            goal=goal_figure(line.goal, line.unit, language),
        )
        for line in held
    )
    return text("path_worse", language, verdict=text(f"verdict_{Verdict.GAP}", language), needs=needs)


def _falls(line: GoalLine) -> bool:
    """Whether a goal wants low figures."""
    return line.worst is not None and line.worst > line.goal


def _need(line: GoalLine, language: Language) -> str:
    return text(
        "need_at_most" if _falls(line) else "need_at_least",
        language,
        dimension=line.name,
        goal=goal_figure(line.goal, line.unit, language),
        how=_how(line, language),
    )


def _how(line: GoalLine, language: Language) -> str:
    """By how much, or what must be found out first, in brackets."""
    if line.outcome == Outcome.FAIL:
        short = shortfall(line)
        if short is None:
            return ""
        kind, count = short
        return text(f"short_{kind}", language, count=number(count, language, decimals=int(kind == "speed")))
    if line.flip_devices:
        key = "short_first" if line.outcome == Outcome.NO_EVIDENCE else "short_devices"
        return text(key, language, count=number(line.flip_devices, language))
    return text("short_source" if line.outcome == Outcome.NO_EVIDENCE else "short_unknown", language)

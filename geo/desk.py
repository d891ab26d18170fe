"""The rollout desk on a built workspace: today with its plans on record, and the proposals that a call names."""

import getpass
from collections.abc import Sequence
from pathlib import Path

from geo.cli_rows import choose_list
from geo.errors import InputError
from geo.pipeline import rejudge
from geo.proposal import Proposal
from geo.proposal_files import Terms, read_proposal_file
from geo.proposals import read_proposals
from geo.quality import Finding
from geo.results import Built, UnitList, read_built
from geo.rollout_base import Today, empty_claims
from geo.rollout_units import Rejudge
from geo.rules import load_rules
from geo.what_if import read_people, require_current
from geo.workspace import load_workspace


def open_desk(directory: Path, units: str) -> tuple[Built, UnitList, Today, Rejudge]:
    """The built workspace as a day to check against, with the plans on record, and how its units are judged anew."""
    workspace = load_workspace(directory)
    require_current(workspace)
    built = read_built(directory)
    chosen = choose_list(built, units)
    rules = load_rules(built.manifest["rules"], source="manifest.json")
    claims = empty_claims() if built.coverage_areas is None else built.coverage_areas
    today = Today(
        chosen.result,
        read_people(workspace, chosen),
        claims,
        built.places,
        rules,
        tuple(read_proposals(directory)),
    )
    return built, chosen, today, lambda changed: rejudge(changed, chosen.indicators, rules)


def known_operators(today: Today) -> list[str]:
    """Operators of the workspace's coverage and of its plans."""
    return sorted({*today.claims["operator"].astype(str), *(plan.operator for plan in today.plans)})


def gather(
    directory: Path, named: Sequence[str], terms: Terms, today: Today
) -> tuple[list[Proposal], list[Finding]]:
    """The proposals of files and saved ones by their number, each once; raises where one is named twice."""
    saved = {plan.id: plan for plan in today.plans}
    found: list[Proposal] = []
    findings: list[Finding] = []
    for text in named:
        if text in saved:
            found.append(saved[text])
        elif text.isdecimal() and not Path(text).exists():
            raise InputError(f"no proposal {text} in {directory}; there are {', '.join(saved) or 'none yet'}")
        else:
            more, said = read_proposal_file(
                Path(text), terms, today.communes, known_operators=known_operators(today)
            )
            found += more
            findings += said
    seen: dict[str, str] = {}
    for proposal in found:
        before = seen.setdefault(proposal.digest(), proposal.name)
        if before is not proposal.name or [one.digest() for one in found].count(proposal.digest()) > 1:
            raise InputError(f"{proposal.name}: is the same as {before}; give each proposal once")
    return found, findings


def name_of_caller() -> str:
    """The name that the system knows the caller by; empty where it knows none."""
    try:
        return getpass.getuser()
    except (OSError, KeyError):
        return ""

"""What a job in the background does and how it ended, in words."""

from geo.errors import FetchError, VunglomError
from geo.job import Job, State, Step
from layers.faults import hint_of
from layers.strings import Language, number, text


def step_text(step: Step, language: Language) -> str:
    """What is being done, in words."""
    said = text(f"step_{step.name}", language, what=step.what)
    if step.done:
        amount = (
            text("step_of", language, done=step.done, whole=step.whole) if step.whole else f"{step.done} MB"
        )
        return f"{said} ({amount})"
    return said


def job_title(job: Job, language: Language) -> str:
    """What a job is for: what it adds or fetches, and whether it builds."""
    words = [text(f"job_{command.purpose}", language, title=job.title) for command in job.commands]
    return " → ".join(words)


def job_end_text(job: Job, language: Language) -> str:
    """How a job ended: one sentence, with what is in place now."""
    if job.state is State.DONE:
        return text(
            "job_done", language, what=job_title(job, language), seconds=number(job.seconds, language)
        )
    purpose = job.command.purpose if job.command else "build"
    kept = text("job_added_not_built" if job.done_commands else "job_nothing_changed", language)
    if job.state is State.CANCELLED:
        return f"{text('job_cancelled', language)} {kept}"
    if job.state is State.DIED or job.fault is None:
        return f"{text('job_died', language)} {kept}"
    fault = str(job.fault)
    if "No space left" in fault or "File too large" in fault:
        said = text("job_disk_full", language)
    elif "no province" in fault:
        said = text("job_no_province", language)
    elif "code of vintage" in fault:
        said = text("job_other_vintage", language, title=job.title)
    elif isinstance(job.fault, FetchError) or (purpose == "fetch" and type(job.fault) is VunglomError):
        said = text("job_off_network", language)
    else:
        said = text(f"job_failed_{purpose}", language, title=job.title)
        said = " ".join([said, *hint_of(job.fault, language)])
    return f"{said} {kept}"

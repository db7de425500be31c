"""Jobs as MLflow runs: options as parameters, cost and measures as metrics, media as artifacts."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from minimax_nb.amounts import count
from minimax_nb.errors import ConfigError
from minimax_nb.ledger.record import JobRecord, JobState
from minimax_nb.media import Media

if TYPE_CHECKING:
    from mlflow.tracking import MlflowClient

#: The tag by which a run says which job it is, so that nothing is logged twice.
JOB = "minimax_nb.job"
_LONGEST = 6000  #: characters of a parameter, MLflow's limit
_PAGE = 1000


@dataclass(frozen=True, slots=True)
class Logged:
    """How many runs were made, how many were there, and in which experiment."""

    runs: int
    known: int
    experiment: str

    def __str__(self) -> str:
        there = f", {self.known} {'was' if self.known == 1 else 'were'} there already" if self.known else ""
        return f"{count(self.runs, 'run')} in the experiment {self.experiment}{there}"


def log_runs(
    records: Sequence[JobRecord],
    media_of: Callable[[JobRecord], Sequence[Media]],
    numbers: Mapping[str, Mapping[str, float]],
    *,
    experiment: str,
    uri: str | None = None,
) -> Logged:
    """Log each finished job as one run; a job that has a run already is left alone.

    Parameters
    ----------
    records
        The jobs; unfinished ones are left out.
    media_of
        Gives a job's files, which become artifacts.
    numbers
        Measured numbers by job id.
    experiment
        Its name; made when missing.
    uri
        MLflow's tracking URI; MLflow's own setting when ``None``.

    Raises
    ------
    ConfigError
        MLflow is not installed, or cannot be reached.
    """
    try:
        from mlflow.exceptions import MlflowException
        from mlflow.tracking import MlflowClient
    except ImportError:
        raise ConfigError("logging to MLflow needs the package: pip install 'minimax-nb[mlflow]'") from None
    try:
        client = MlflowClient(uri)
        found = client.get_experiment_by_name(experiment)
        into = found.experiment_id if found else client.create_experiment(experiment)
        there = _jobs_there(client, into)
        finished = [record for record in records if record.state.terminal]
        fresh = [record for record in finished if record.id not in there]
        for record in fresh:
            _log(client, into, record, media_of(record), numbers.get(record.id, {}))
    except MlflowException as error:
        raise ConfigError(
            f"MLflow at {uri or 'its configured place'}: {str(error).splitlines()[0]}"
        ) from error
    return Logged(len(fresh), len(finished) - len(fresh), experiment)


def _jobs_there(client: MlflowClient, experiment: str) -> set[str]:
    found, token = set(), None
    while True:
        page = client.search_runs([experiment], max_results=_PAGE, page_token=token)
        # A run still open was cut short; its job is logged again.
        found |= {run.data.tags[JOB] for run in page if JOB in run.data.tags and run.info.status != "RUNNING"}
        token = page.token
        if not token:
            return found


def _log(
    client: MlflowClient,
    experiment: str,
    record: JobRecord,
    media: Sequence[Media],
    numbers: Mapping[str, float],
) -> None:
    from mlflow.entities import Metric, Param, RunTag

    tags = {**record.tags, JOB: record.id, "kind": record.kind, "sandbox": str(record.sandbox).lower()}
    begun = record.created_us // 1000
    run = client.create_run(experiment, start_time=begun, tags=tags, run_name=record.name or record.id[-8:])
    values = {
        name: float(value) for name, value in {**_metrics(record), **numbers}.items() if value is not None
    }
    client.log_batch(
        run.info.run_id,
        metrics=[Metric(name, value, begun, 0) for name, value in values.items()],
        params=[Param(name, _text(value)) for name, value in _parameters(record).items()],
        tags=[RunTag("state", record.state.value)],
    )
    for item in media:
        if item.role != "input":
            client.log_artifact(run.info.run_id, str(item.path))
    # Last, so that a run that says it is finished has everything.
    status = "FINISHED" if record.state is JobState.SUCCEEDED else "FAILED"
    end = (record.finished_us or record.updated_us) // 1000
    client.set_terminated(run.info.run_id, status=status, end_time=end)


def _parameters(record: JobRecord) -> dict[str, Any]:
    options = {name: value for name, value in record.request.items() if value is not None}
    return {**options, "provider": record.provider, "model": record.model}


def _metrics(record: JobRecord) -> dict[str, float | None]:
    cost = None if record.cost_nano is None else record.cost_nano / 1e9
    seconds = None
    if record.submitted_us is not None and record.finished_us is not None:
        seconds = (record.finished_us - record.submitted_us) / 1e6
    return {"cost": cost, "seconds": seconds}


def _text(value: Any) -> str:
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    return text if len(text) <= _LONGEST else text[: _LONGEST - 1] + "…"

"""Jobs as MLflow runs, in a real MLflow store."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from mlflow.tracking import MlflowClient

from minimax_nb import Lab
from minimax_nb.errors import ConfigError


def test_each_job_becomes_one_run_once(lab: Lab, tmp_path: Path) -> None:
    uri = f"sqlite:///{tmp_path}/mlflow.db"
    drawn = lab.image("a red fox", seed=3, n=2, tags={"take": "one"})
    lab.measure(drawn, "sharpness")
    assert str(lab.to_mlflow(drawn, experiment="foxes", uri=uri)) == "1 run in the experiment foxes"
    lab.speech("Good morning.")
    assert (
        str(lab.to_mlflow(experiment="foxes", uri=uri))
        == "1 run in the experiment foxes, 1 was there already"
    )

    client = MlflowClient(uri)
    experiment: Any = client.get_experiment_by_name("foxes")
    runs = {run.data.tags["kind"]: run for run in client.search_runs([experiment.experiment_id])}
    assert set(runs) == {"image", "speech"}
    run = runs["image"]
    assert run.info.status == "FINISHED"
    assert run.data.params["seed"] == "3"
    assert run.data.params["prompt"] == "a red fox"
    assert run.data.params["model"] == drawn.model
    assert run.data.metrics["cost"] == float(drawn.cost or 0)
    assert run.data.metrics["seconds"] > 0
    assert run.data.metrics["sharpness"] > 0
    assert run.data.tags["take"] == "one"
    assert run.data.tags["minimax_nb.job"] == drawn.job_id
    names = {item.path for item in client.list_artifacts(run.info.run_id)}
    assert names == {item.path.name for item in drawn}


def test_a_store_that_is_not_there_is_said_in_one_line(lab: Lab) -> None:
    drawn = lab.image("a red fox")
    with pytest.raises(ConfigError, match="MLflow at nonsense://x") as caught:
        lab.to_mlflow(drawn, uri="nonsense://x")
    assert "\n" not in caught.value.message

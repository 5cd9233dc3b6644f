"""Logs runs like those of the bench by MLflow's own client, as a script that has their values would; prints the seconds it took."""
import json
import sys
import time

from mlflow.entities import Metric, Param, RunTag
from mlflow.tracking import MlflowClient

url, name = sys.argv[1:3]
trials = json.load(sys.stdin)
client = MlflowClient(url)
began = time.perf_counter()
experiment = client.create_experiment(name)
parent = client.create_run(experiment, run_name="bench").info.run_id
for trial in trials:
    run = client.create_run(experiment, tags={"mlflow.parentRunId": parent}, run_name=trial["name"]).info.run_id
    metrics = [Metric(key, value, at, step) for key, value, at, step in trial["metrics"]]
    params = [Param(key, str(value)) for key, value in trial["params"].items()]
    client.log_batch(run, metrics, params, [RunTag("espalier.trial", trial["name"])])
    client.set_terminated(run)
client.set_terminated(parent)
print(time.perf_counter() - began)

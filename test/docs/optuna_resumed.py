"""A study whose sampler is made anew half-way gives the same trials; enqueued and failed trials are known to it."""

import json
import os
import sys

sys.path.insert(0, os.environ["ESPALIER_SAMPLER_FOLDER"])

import optuna  # noqa: E402
from espalier_sampler import EspalierSampler  # noqa: E402

optuna.logging.set_verbosity(optuna.logging.ERROR)
command = json.loads(os.environ["ESPALIER_COMMAND"])


def objective(trial):
    x = trial.suggest_float("x", -5, 5)
    k = trial.suggest_int("k", 1, 64, log=True)
    kind = trial.suggest_categorical("kind", ["a", None, True])
    if trial.number == 6:
        raise ValueError("fails")
    return (x - 2) ** 2 + 0.01 * (k - 12) ** 2 + (kind != "a")


def trials(*anew):
    """18 trials; the sampler is made anew before those with these numbers."""
    study = optuna.create_study(sampler=EspalierSampler(seed=3, command=command))
    study.enqueue_trial({"x": 1.5, "kind": None})
    for number in range(18):
        if number in anew:
            study.sampler = EspalierSampler(seed=3, command=command)
        if number == 10:
            study.enqueue_trial({"k": 33})
        study.optimize(objective, n_trials=1, catch=(ValueError,))
    return [[trial.params, trial.state.name] for trial in study.trials], study.best_value


print(json.dumps({"whole": trials(), "parts": trials(9, 14)}))

"""Trials a second that Optuna's storages take, 8 in flight. Prints one JSON object a line; called by records.ts."""

import json
import os
import sys
import time
from concurrent.futures import ThreadPoolExecutor

import optuna
from optuna.storages import JournalStorage, RDBStorage
from optuna.storages.journal import JournalFileBackend

optuna.logging.set_verbosity(optuna.logging.ERROR)
directory, trials, lanes = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])

HISTORY = {f"metric{m}": [m + f / 7 for f in range(5)] for m in range(5)}


def one(study, full):
    trial = study.ask()
    trial.suggest_int("k", 1, 40)
    trial.suggest_float("rate", 0, 1)
    trial.suggest_categorical("scaling", ["none", "standard", "minmax"])
    trial.suggest_float("momentum", 0, 1)
    if full:
        trial.set_user_attr("history", HISTORY)
    study.tell(trial, 0.5)


def storages(name):
    path = os.path.join(directory, name)
    yield "JournalStorage", trials, lambda: JournalStorage(JournalFileBackend(path + ".log"))
    # Far slower with several threads: a fifth of the trials is enough to tell.
    url = "sqlite:///" + path + ".db"
    wait = {"connect_args": {"timeout": 600}}
    yield "RDBStorage (SQLite)", trials // 5, lambda: RDBStorage(url, engine_kwargs=wait)


for full in (True, False):
    for label, count, make in storages("full" if full else "bare"):
        sampler = optuna.samplers.RandomSampler(seed=1)
        study = optuna.create_study(storage=make(), sampler=sampler, study_name="s")
        began = time.perf_counter()
        with ThreadPoolExecutor(lanes) as pool:
            list(pool.map(lambda _: one(study, full), range(count)))
        seconds = time.perf_counter() - began
        result = {"storage": label, "full": full, "trials": count, "seconds": seconds}
        print(json.dumps({**result, "version": optuna.__version__}), flush=True)

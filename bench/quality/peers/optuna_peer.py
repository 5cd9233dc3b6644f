"""Optuna behind the peers' protocol: one JSON object a line in, one a line out.

{"op":"open","method":"optuna-gp"|"optuna-tpe","parameters":{...},"seed":1} -> {"ok":true,"version":"Optuna 5.0.0"}
{"op":"ask"} -> {"trial":0,"params":{...},"seconds":0.21}
{"op":"tell","trial":0,"value":0.3} -> {"ok":true}
{"op":"import","trials":[{"params":{...},"value":0.3},...]} -> {"ok":true}   (floats, ints and categoricals)

Ordinal parameters are given to Optuna as integers (their index): the kindest reading. Both samplers run with their
own defaults (Optuna 5: TPE with the constant liar, both with 10 random trials first).
"""

import json
import sys
import time
import warnings

import optuna

optuna.logging.set_verbosity(optuna.logging.ERROR)
warnings.filterwarnings("ignore")
try:
    import torch

    torch.set_num_threads(1)
except ImportError:
    pass


def active(definition, params):
    return all(name in params and params[name] in values for name, values in definition.get("when", {}).items())


def suggest(trial, parameters):
    params = {}
    for name, p in parameters.items():
        if not active(p, params):
            continue
        log = p.get("scale") == "log"
        if p["type"] == "float":
            params[name] = trial.suggest_float(name, p["min"], p["max"], step=p.get("step"), log=log)
        elif p["type"] == "int":
            params[name] = trial.suggest_int(name, p["min"], p["max"], step=p.get("step", 1), log=log)
        elif p["type"] == "ordinal":
            params[name] = p["values"][trial.suggest_int(name, 0, len(p["values"]) - 1)]
        else:
            params[name] = trial.suggest_categorical(name, p["values"])
    return params


study, trials, parameters = None, {}, {}
for line in sys.stdin:
    message = json.loads(line)
    if message["op"] == "open":
        seed = message["seed"]
        if message["method"] == "optuna-gp":
            sampler = optuna.samplers.GPSampler(seed=seed)
        else:
            sampler = optuna.samplers.TPESampler(seed=seed)
        study = optuna.create_study(direction="minimize", sampler=sampler)
        trials, parameters = {}, message["parameters"]
        answer = {"ok": True, "version": f"Optuna {optuna.__version__}"}
    elif message["op"] == "import":
        distributions = {}
        for name, p in parameters.items():
            if p["type"] == "categorical":
                distributions[name] = optuna.distributions.CategoricalDistribution(p["values"])
            elif p["type"] == "int":
                distributions[name] = optuna.distributions.IntDistribution(p["min"], p["max"])
            else:
                distributions[name] = optuna.distributions.FloatDistribution(p["min"], p["max"])
        for t in message["trials"]:
            study.add_trial(
                optuna.trial.create_trial(params=t["params"], distributions=distributions, value=t["value"])
            )
        answer = {"ok": True}
    elif message["op"] == "ask":
        start = time.process_time()
        trial = study.ask()
        params = suggest(trial, parameters)
        trials[trial.number] = trial
        answer = {"trial": trial.number, "params": params, "seconds": time.process_time() - start}
    else:
        start = time.process_time()
        study.tell(trials.pop(message["trial"]), message["value"])
        answer = {"ok": True, "seconds": time.process_time() - start}
    sys.stdout.write(json.dumps(answer) + "\n")
    sys.stdout.flush()

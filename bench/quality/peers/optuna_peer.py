"""Optuna behind the peers' protocol (see protocol.py): `GPSampler` and `TPESampler`, with their own defaults (Optuna 5: TPE with
the constant liar, both with 10 random trials first).

Conditions, log scales and steps are Optuna's own: a parameter that is not active is not asked for. Ordinal parameters are given
to Optuna as integers (their index): the kindest reading.
"""

import optuna

from protocol import serve

optuna.logging.set_verbosity(optuna.logging.ERROR)


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


def distribution(p):
    if p["type"] == "categorical":
        return optuna.distributions.CategoricalDistribution(p["values"])
    if p["type"] == "int":
        return optuna.distributions.IntDistribution(p["min"], p["max"])
    return optuna.distributions.FloatDistribution(p["min"], p["max"])


class Peer:
    own_terms = False

    def __init__(self, parameters, seed, parallel, trials):
        self.study = optuna.create_study(direction="minimize", sampler=self.sampler(seed=seed))
        self.parameters = parameters
        self.waiting = {}

    def ask(self):
        trial = self.study.ask()
        self.waiting[trial.number] = trial
        return trial.number, suggest(trial, self.parameters)

    def tell(self, trial, value):
        self.study.tell(self.waiting.pop(trial), value)

    def take(self, trials):
        """Finished trials of floats, ints and categoricals, as if they had been asked for here."""
        distributions = {name: distribution(p) for name, p in self.parameters.items()}
        for t in trials:
            self.study.add_trial(
                optuna.trial.create_trial(params=t["params"], distributions=distributions, value=t["value"])
            )


class GaussianProcess(Peer):
    sampler = optuna.samplers.GPSampler


class ParzenEstimator(Peer):
    sampler = optuna.samplers.TPESampler


serve({"optuna-gp": GaussianProcess, "optuna-tpe": ParzenEstimator}, f"Optuna {optuna.__version__}")

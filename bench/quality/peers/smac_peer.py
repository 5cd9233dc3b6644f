"""SMAC3 behind the peers' protocol (see protocol.py): `HyperparameterOptimizationFacade`, asked and told, with its own
defaults: a random forest, its log expected improvement, a fifth of the trials random, and a Sobol design of a quarter of
the trials, 10 a parameter at most. It is told how many trials there will be, so that what it has found after 25 of 100
trials is not what it would have found with 25.

Conditions, log scales, ordinals and categoricals are ConfigSpace's own; a stepped parameter is an integer, the number of
its steps. Several in flight are asked for before the former are told, which SMAC knows as running. Where it says that a
space is exhausted, a random point is evaluated.
"""

import tempfile
from importlib.metadata import version
from pathlib import Path

from ConfigSpace import (
    AndConjunction,
    CategoricalHyperparameter,
    ConfigurationSpace,
    InCondition,
    OrdinalHyperparameter,
    UniformFloatHyperparameter,
    UniformIntegerHyperparameter,
)
from smac import HyperparameterOptimizationFacade, Scenario
from smac.runhistory.dataclasses import TrialInfo, TrialValue

from protocol import encoded, encoded_values, serve


def hyperparameter(name, parameter):
    kind, *rest = encoded(parameter)
    if kind == "categorical":
        return CategoricalHyperparameter(name, list(range(rest[0])))
    if kind == "ordinal":
        return OrdinalHyperparameter(name, list(range(rest[0])))
    low, high, log = rest
    Kind = UniformFloatHyperparameter if kind == "float" else UniformIntegerHyperparameter
    return Kind(name, low, high, log=log)


def space_of(parameters, seed):
    space = ConfigurationSpace(seed=seed)
    for name, p in parameters.items():
        space.add(hyperparameter(name, p))
    for name, p in parameters.items():
        conditions = [
            InCondition(space[name], space[parent], encoded_values(parameters[parent], values))
            for parent, values in p.get("when", {}).items()
        ]
        if len(conditions) == 1:
            space.add(conditions[0])
        elif conditions:
            space.add(AndConjunction(*conditions))
    return space


class Peer:
    def __init__(self, parameters, seed, parallel, trials):
        self.space = space_of(parameters, seed)
        self.folder = tempfile.TemporaryDirectory()
        scenario = Scenario(
            self.space,
            deterministic=True,
            n_trials=trials,
            n_workers=1,
            seed=seed,
            output_directory=Path(self.folder.name),
        )
        self.smac = HyperparameterOptimizationFacade(
            scenario, lambda config, seed: 0.0, overwrite=True, logging_level=False
        )
        self.infos = {}
        self.asked = 0

    def ask(self):
        try:
            info = self.smac.ask()
        except StopIteration:
            info = TrialInfo(self.space.sample_configuration(), seed=0)
        trial = self.asked
        self.asked += 1
        self.infos[trial] = info
        point = {name: getattr(value, "item", lambda value=value: value)() for name, value in info.config.items()}
        return trial, point

    def tell(self, trial, value):
        # Nothing is written: SMAC would save every trial to files.
        self.smac.tell(self.infos.pop(trial), TrialValue(cost=value), save=False)


serve({"smac": Peer}, f"SMAC {version('smac')}")

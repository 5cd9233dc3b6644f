"""Ax behind the peers' protocol (see protocol.py): `ax.api.client.Client` with its default generation strategy: the centre,
four Sobol points, then BoTorch's Gaussian process and acquisition as Ax chooses them.

Log scales, ordered and unordered choices are Ax's own; a stepped parameter is an integer, the number of its steps, an
ordinal an ordered choice of its index. A parameter with one condition on a list is one of Ax's dependent parameters (its
hierarchical spaces are trees); with several conditions, or one on a number, it is always active, and dropped before the
evaluation where it is not. Several in flight are asked for before the former are told: Ax keeps them as running trials
and models them as pending. By default Ax waits for two values after its first five trials; with more than 4 in flight,
which leave it none to wait for, it is allowed more Sobol points.
"""

import logging
from importlib.metadata import version

from ax.api.client import Client
from ax.api.configs import ChoiceParameterConfig, RangeParameterConfig

from protocol import encoded, encoded_values, serve

logging.disable(logging.WARNING)


def is_list(parameter):
    return parameter["type"] in ("ordinal", "categorical")


def dependents_of(parameters):
    """For each list: the parameters that depend on it alone, by its index."""
    found = {}
    for name, p in parameters.items():
        conditions = list(p.get("when", {}).items())
        # A child is reached by one value of its parent: Ax counts a second one as a cycle.
        if len(conditions) != 1:
            continue
        parent, values = conditions[0]
        if is_list(parameters[parent]) and len(values) == 1:
            index = encoded_values(parameters[parent], values)[0]
            found.setdefault(parent, {}).setdefault(label(parameters[parent], index), []).append(name)
    return found


def label(parameter, index):
    return f"v{index}" if parameter["type"] == "categorical" else index


def config(name, parameter, dependents):
    kind, *rest = encoded(parameter)
    if is_list(parameter):
        return ChoiceParameterConfig(
            name=name,
            values=[label(parameter, i) for i in range(rest[0])],
            parameter_type="str" if kind == "categorical" else "int",
            is_ordered=kind == "ordinal",
            dependent_parameters=dependents.get(name),
        )
    low, high, log = rest
    return RangeParameterConfig(
        name=name, bounds=(low, high), parameter_type=kind, scaling="log" if log else "linear"
    )


class Peer:
    def __init__(self, parameters, seed, parallel, trials):
        self.parameters = parameters
        dependents = dependents_of(parameters)
        self.client = Client(random_seed=seed)
        self.client.configure_experiment(
            parameters=[config(name, p, dependents) for name, p in parameters.items()]
        )
        self.client.configure_optimization(objective="-loss")
        if parallel > 4:
            self.client.configure_generation_strategy(allow_exceeding_initialization_budget=True)

    def ask(self):
        [(trial, point)] = self.client.get_next_trials(max_trials=1).items()
        return trial, {
            name: int(str(value).removeprefix("v")) if is_list(self.parameters[name]) else value
            for name, value in point.items()
        }

    def tell(self, trial, value):
        self.client.complete_trial(trial_index=trial, raw_data={"loss": value})


serve({"ax": Peer}, f"Ax {version('ax-platform')}, BoTorch {version('botorch')}")

"""HEBO behind the peers' protocol (see protocol.py): `HEBO(space)`, with its own defaults.

Log scales are its `pow` and `pow_int`, steps its `step_int`, categoricals its `cat`; an ordinal is an integer, its index
(HEBO has no ordered lists). HEBO has no conditions: every parameter is always active, and those that are not are dropped
before the evaluation.

With several in flight, as many as are in flight are asked at once, as its interface has it (`suggest(n)`); HEBO has no
pending trials, so that it is told all of a batch before it is asked for the next one.
"""

from importlib.metadata import version

import numpy
import pandas
from hebo.design_space.design_space import DesignSpace
from hebo.optimizers.hebo import HEBO

from protocol import encoded, serve


def definition(name, parameter):
    kind, *rest = encoded(parameter)
    if kind == "categorical":
        return {"name": name, "type": "cat", "categories": list(range(rest[0]))}
    if kind == "ordinal":
        return {"name": name, "type": "int", "lb": 0, "ub": rest[0] - 1}
    low, high, log = rest
    # On a log scale from less than 1, HEBO has no integers: the power is rounded where it is evaluated.
    types = {
        ("float", False): "num",
        ("float", True): "pow",
        ("int", False): "int",
        ("int", True): "pow_int" if low >= 1 else "pow",
    }
    return {"name": name, "type": types[kind, log], "lb": low, "ub": high}


def plain(value):
    return value.item() if hasattr(value, "item") else value


class Peer:
    def __init__(self, parameters, seed, parallel, trials):
        space = DesignSpace().parse([definition(name, p) for name, p in parameters.items()])
        self.hebo = HEBO(space, scramble_seed=seed)
        self.parallel = parallel
        self.asked = 0
        self.waiting = []
        self.told = []
        self.points = {}

    def ask(self):
        if not self.waiting:
            suggested = self.hebo.suggest(self.parallel)
            self.waiting = [suggested.iloc[[i]] for i in range(len(suggested))]
        point = self.waiting.pop(0)
        trial = self.asked
        self.asked += 1
        self.points[trial] = point
        return trial, {name: plain(point[name].iloc[0]) for name in point.columns}

    def tell(self, trial, value):
        self.told.append((self.points.pop(trial), value))
        if not self.points and not self.waiting:
            batch = pandas.concat([point for point, _ in self.told])
            self.hebo.observe(batch, numpy.array([[value] for _, value in self.told]))
            self.told = []


serve({"hebo": Peer}, f"HEBO {version('HEBO')}", batches=True)

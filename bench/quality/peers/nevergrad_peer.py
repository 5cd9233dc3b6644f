"""Nevergrad behind the peers' protocol (see protocol.py): `NGOpt`, its own choice of algorithm by the space, the number of
trials (`budget`) and those in flight (`num_workers`). It is told how many trials there will be, so that what it has found
after 25 of 100 trials is not what it would have found with 25.

Log scales are its `Log`, integers cast as it does, ordinals its `TransitionChoice`, categoricals its `Choice`; a stepped
parameter is an integer, the number of its steps. Its nested choices move all their branches at once, as a flat space
does: every parameter is always active, and those that are not are dropped before the evaluation.

Nevergrad 1.0.12 needs a numpy before 2: its `MetaModel`, which NGOpt chooses for continuous spaces with several in flight,
fails with newer ones.
"""

from importlib.metadata import version

import nevergrad

from protocol import encoded, serve


def parametrization(parameter):
    kind, *rest = encoded(parameter)
    if kind == "categorical":
        return nevergrad.p.Choice(list(range(rest[0])))
    if kind == "ordinal":
        return nevergrad.p.TransitionChoice(list(range(rest[0])))
    low, high, log = rest
    if log:
        found = nevergrad.p.Log(lower=low, upper=high)
    else:
        found = nevergrad.p.Scalar(lower=low, upper=high)
    return found.set_integer_casting() if kind == "int" else found


class Peer:
    def __init__(self, parameters, seed, parallel, trials):
        space = nevergrad.p.Dict(**{name: parametrization(p) for name, p in parameters.items()})
        space.random_state.seed(seed)
        self.optimizer = nevergrad.optimizers.NGOpt(space, budget=trials, num_workers=parallel)
        self.candidates = {}
        self.asked = 0

    def ask(self):
        candidate = self.optimizer.ask()
        trial = self.asked
        self.asked += 1
        self.candidates[trial] = candidate
        return trial, dict(candidate.value)

    def tell(self, trial, value):
        self.optimizer.tell(self.candidates.pop(trial), value)


serve({"nevergrad": Peer}, f"Nevergrad {version('nevergrad')}")

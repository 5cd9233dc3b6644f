"""The peers' protocol: one JSON object a line in, one a line out.

{"op":"open","method":"smac","parameters":{...},"seed":1,"parallel":1,"trials":100}
    -> {"ok":true,"version":"SMAC 2.4.1","batches":false}
{"op":"ask"} -> {"trial":0,"params":{...},"seconds":0.21}
{"op":"tell","trial":0,"value":0.3} -> {"ok":true,"seconds":0.01}
{"op":"import","trials":[{"params":{...},"value":0.3},...]} -> {"ok":true}   (Optuna alone)

`seconds` are of the processor. `batches` says that a peer suggests as many as are in flight at once: it is told all of a
batch before it is asked for the next one.

Parameters are those of a sweep: float, int, categorical and ordinal, with `scale`, `step` and `when`. A peer is a class
with `ask() -> (trial, point)` and `tell(trial, value)`, made by `Peer(parameters, seed, parallel, trials)`; the point has
a plain value of every parameter in the peer's terms (see `encoded`), and those that are not active are dropped here. Where its
`own_terms` is False, the point is the sweep's params already.
"""

import json
import os
import random
import sys
import time
import warnings

# What a library prints must not come between the answers.
answers = os.fdopen(os.dup(sys.stdout.fileno()), "w")
os.dup2(sys.stderr.fileno(), sys.stdout.fileno())
warnings.filterwarnings("ignore")


def is_log(parameter):
    return parameter.get("scale") == "log"


def encoded(parameter):
    """A parameter in the terms that every library has: ("float" or "int", least, greatest, whether on a log scale) or
    ("ordinal" or "categorical", number of values). A stepped parameter is the number of its steps, the listed ones are
    the index of their value."""
    kind = parameter["type"]
    if kind in ("ordinal", "categorical"):
        return kind, len(parameter["values"])
    low, high, step = parameter["min"], parameter["max"], parameter.get("step")
    if step is None or (kind == "int" and step == 1):
        return kind, low, high, is_log(parameter)
    if is_log(parameter):
        raise ValueError("steps on a log scale have no counterpart here")
    return "int", 0, int((high - low) / step + 1e-9), False


def decoded(parameter, value):
    """The value of the sweep that an encoded one stands for."""
    kind = parameter["type"]
    if kind in ("ordinal", "categorical"):
        return parameter["values"][int(value)]
    step = parameter.get("step")
    if step is None or (kind == "int" and step == 1):
        # Powers and logarithms leave the range by a rounding.
        number = min(max(value, parameter["min"]), parameter["max"])
        return int(round(number)) if kind == "int" else float(number)
    return parameter["min"] + int(value) * step


def encoded_values(parameter, values):
    """The encoded ones of a list of the sweep's values, as a condition names them."""
    kind = parameter["type"]
    if kind in ("ordinal", "categorical"):
        return [parameter["values"].index(value) for value in values]
    step = parameter.get("step")
    if step is None or (kind == "int" and step == 1):
        return list(values)
    return [round((value - parameter["min"]) / step) for value in values]


def active_params(parameters, point):
    """The sweep's params of an encoded point, without those that are not active."""
    params = {}
    for name, parameter in parameters.items():
        conditions = parameter.get("when", {}).items()
        if all(parent in params and params[parent] in values for parent, values in conditions):
            params[name] = decoded(parameter, point[name])
    return params


def one_thread():
    try:
        import torch

        torch.set_num_threads(1)
    except ImportError:
        pass


def seed_everything(seed):
    """The global generators, which some of the libraries draw from."""
    import numpy

    random.seed(seed)
    numpy.random.seed(seed)
    try:
        import torch

        torch.manual_seed(seed)
    except ImportError:
        pass


def serve(peers, version, batches=False):
    """Answers until its input ends. `peers`: the class of each method."""
    one_thread()
    peer, parameters = None, {}
    for line in sys.stdin:
        message = json.loads(line)
        start = time.process_time()
        try:
            if message["op"] == "open":
                parameters = message["parameters"]
                seed_everything(message["seed"])
                Peer = peers[message["method"]]
                peer = Peer(parameters, message["seed"], message["parallel"], message["trials"])
                answer = {"ok": True, "version": version, "batches": batches}
            elif message["op"] == "ask":
                trial, point = peer.ask()
                params = active_params(parameters, point) if getattr(peer, "own_terms", True) else point
                answer = {"trial": trial, "params": params, "seconds": time.process_time() - start}
            elif message["op"] == "import":
                peer.take(message["trials"])
                answer = {"ok": True}
            else:
                peer.tell(message["trial"], message["value"])
                answer = {"ok": True, "seconds": time.process_time() - start}
        except Exception as error:  # said, so that the bench names the run that failed
            answer = {"error": f"{type(error).__name__}: {error}"}
        answers.write(json.dumps(answer) + "\n")
        answers.flush()

"""An Optuna sampler whose params come from Espalier, over the lines of `espalier ask-tell`.

    import optuna
    from espalier_sampler import EspalierSampler

    study = optuna.create_study(sampler=EspalierSampler(seed=1))
    study.optimize(lambda trial: (trial.suggest_float("x", -5, 5) - 2) ** 2, n_trials=30)

It needs Optuna, and `espalier` as a command (`command=` says how it is called; `npx espalier` unless stated).

How the two meet:

- Params that all finished trials of a study have in common are suggested together by Espalier; the others are drawn at
  random, as Optuna's own relative samplers do.
- What the study knows is told: finished trials with their value, pruned ones with their last intermediate value, failed
  ones (and values that are not finite) as failed, running ones as running. Values of enqueued trials are asked as `fixed`.
- A session has one search space. Where the study's space changes, or a trial ended with other params than were
  suggested, the session is opened again and told everything anew.
- The place and the origin of every suggestion are kept with its trial, in the study's storage, so that a study that is
  loaded again in another process goes on as if it had never stopped.
"""

from __future__ import annotations

import json
import math
import random
import subprocess
import threading
import warnings
from typing import Any, Sequence

from optuna.distributions import (
    BaseDistribution,
    CategoricalDistribution,
    FloatDistribution,
    IntDistribution,
)
from optuna.samplers import BaseSampler, RandomSampler
from optuna.search_space import IntersectionSearchSpace
from optuna.study import Study, StudyDirection
from optuna.trial import FrozenTrial, TrialState

#: Where a trial keeps what Espalier suggested, in its system attributes.
SUGGESTED = "espalier:suggested"


class EspalierSampler(BaseSampler):
    """Suggests params by Espalier's search, for studies with one objective.

    seed: the same seed and the same values give the same study; drawn at random unless stated.
    algorithm: `bayesian`, `sobol`, `random` or `grid`.
    command: the program and its arguments in front of `ask-tell`.
    """

    def __init__(
        self,
        seed: int | None = None,
        algorithm: str = "bayesian",
        command: Sequence[str] = ("npx", "espalier"),
    ) -> None:
        self._seed = random.randrange(2**31) if seed is None else seed
        self._algorithm = algorithm
        self._command = list(command)
        self._independent = RandomSampler(seed=self._seed)
        self._space = IntersectionSearchSpace()
        self._lock = threading.Lock()
        self._session: _Session | None = None

    def __getstate__(self) -> dict[str, Any]:
        return {**self.__dict__, "_lock": None, "_session": None}

    def __setstate__(self, state: dict[str, Any]) -> None:
        self.__dict__.update(state)
        self._lock = threading.Lock()

    def reseed_rng(self) -> None:
        # Threads of one study share the session, which never suggests the same twice.
        self._independent.reseed_rng()

    def infer_relative_search_space(self, study: Study, trial: FrozenTrial) -> dict[str, BaseDistribution]:
        space = self._space.calculate(study)
        return {name: one for name, one in space.items() if not one.single()}

    def sample_relative(
        self, study: Study, trial: FrozenTrial, search_space: dict[str, BaseDistribution]
    ) -> dict[str, Any]:
        self._raise_error_if_multi_objective(study)
        if not search_space:
            return {}
        with self._lock:
            try:
                suggested = self._suggest(study, trial, search_space)
            except EspalierError as error:
                if error.code != "SPACE_INVALID":
                    raise
                warnings.warn(f"Espalier cannot search this space, params are drawn at random: {error}")
                return {}
        study._storage.set_trial_system_attr(
            trial._trial_id, SUGGESTED, json.dumps({"trial": suggested["trial"], "origin": suggested["origin"]})
        )
        return _outside(suggested["params"], search_space)

    def sample_independent(
        self, study: Study, trial: FrozenTrial, param_name: str, param_distribution: BaseDistribution
    ) -> Any:
        self._raise_error_if_multi_objective(study)
        return self._independent.sample_independent(study, trial, param_name, param_distribution)

    def _suggest(self, study: Study, trial: FrozenTrial, search_space: dict[str, BaseDistribution]) -> dict[str, Any]:
        trials = study._storage.get_all_trials(study._study_id, deepcopy=False)
        others = [one for one in trials if one.number != trial.number]
        session = self._session
        of_study = (study._study_id, study.study_name)
        if session is None or session.closed:
            session = self._session = _Session(self._command)
        if session.study != of_study or session.space != search_space or not session.catch_up(others):
            session.open(of_study, search_space, study.direction, self._algorithm, self._seed)
            # Places in the search's own course first, so that no other trial takes them.
            others.sort(key=lambda one: SUGGESTED not in one.system_attrs)
            session.catch_up(others)
        wanted = trial.system_attrs.get("fixed_params", {})
        fixed = {
            name: value for name, value in wanted.items() if name in search_space and _holds(search_space[name], value)
        }
        return session.ask(trial.number, _inside(fixed, search_space))


class EspalierError(ValueError):
    """What Espalier answers to a wrong line: its code, and its message as the text."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code


class _Session:
    """A process of `espalier ask-tell`, and what it has been told of a study."""

    def __init__(self, command: Sequence[str]) -> None:
        self._process = subprocess.Popen(
            [*command, "ask-tell"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, encoding="utf-8"
        )
        self.study: tuple[int, str] | None = None
        self.space: dict[str, BaseDistribution] = {}

    def __del__(self) -> None:
        process = getattr(self, "_process", None)
        if process is None:
            return
        for stream in (process.stdin, process.stdout):
            try:
                stream.close()
            except OSError:
                pass
        process.wait()

    @property
    def closed(self) -> bool:
        return self._process.poll() is not None

    def call(self, **message: Any) -> dict[str, Any]:
        self._process.stdin.write(json.dumps(message, default=lambda number: number.item()) + "\n")
        self._process.stdin.flush()
        line = self._process.stdout.readline()
        if not line:
            raise RuntimeError("espalier ask-tell has ended; does the command work in this folder?")
        answer = json.loads(line)
        if "error" in answer:
            raise EspalierError(answer["error"]["code"], answer["error"]["message"])
        return answer

    def open(
        self,
        study: tuple[int, str],
        space: dict[str, BaseDistribution],
        direction: StudyDirection,
        algorithm: str,
        seed: int,
    ) -> None:
        self.study = None
        self.call(
            op="open",
            parameters={name: _parameter(one) for name, one in space.items()},
            direction="maximize" if direction == StudyDirection.MAXIMIZE else "minimize",
            search={"algorithm": algorithm, "seed": seed, "repeats": True},
        )
        self.study = study
        self.space = dict(space)
        #: By the number of the study's trial: its number here, and the params it is pending with.
        self._pending: dict[int, tuple[int, dict[str, Any]]] = {}
        self._told: set[int] = set()

    def ask(self, number: int, fixed: dict[str, Any]) -> dict[str, Any]:
        answer = self.call(op="ask", count=1, origin=True, **({"fixed": fixed} if fixed else {}))
        if not answer["trials"]:
            raise RuntimeError("the search has no params left for this trial")
        suggested = answer["trials"][0]
        self._pending[number] = (suggested["trial"], suggested["params"])
        return suggested

    def catch_up(self, trials: Sequence[FrozenTrial]) -> bool:
        """Tells what is new; False where the session was told something that turned out otherwise."""
        for trial in trials:
            if trial.number in self._told or trial.state == TrialState.WAITING:
                continue
            pending = self._pending.get(trial.number)
            params = self._params_of(trial)
            if pending is not None:
                place, suggested = pending
                if trial.state == TrialState.RUNNING:
                    continue
                if params is not None and params != suggested:
                    return False
                self.call(op="tell", trial=place, **_outcome(trial))
                del self._pending[trial.number]
                self._told.add(trial.number)
            elif params is not None:
                self._add(trial, params)
            elif trial.state.is_finished():
                # Without all of these params, or with others of these names.
                self._told.add(trial.number)
        return True

    def _add(self, trial: FrozenTrial, params: dict[str, Any]) -> None:
        outcome = {"state": "running"} if trial.state == TrialState.RUNNING else _outcome(trial)
        # One that was not suggested keeps its number too, so that a session opened again has the same order.
        elsewhere = json.dumps({"trial": trial.number, "origin": {"rule": "elsewhere"}})
        known = json.loads(trial.system_attrs.get(SUGGESTED, elsewhere))
        try:
            place = self.call(op="tell", params=params, **known, **outcome)["trial"]
        except EspalierError:
            # The place belongs to another trial here: the space was another one when it was suggested.
            place = self.call(op="tell", params=params, **outcome)["trial"]
        if trial.state == TrialState.RUNNING:
            self._pending[trial.number] = (place, params)
        else:
            self._told.add(trial.number)

    def _params_of(self, trial: FrozenTrial) -> dict[str, Any] | None:
        """A trial's params of this space; None where it lacks one, or had it with another range."""
        if any(trial.distributions.get(name) != one for name, one in self.space.items()):
            return None
        return _inside({name: trial.params[name] for name in self.space}, self.space)


def _parameter(distribution: BaseDistribution) -> dict[str, Any]:
    """A distribution as a parameter of a sweep file; choices stand for themselves by their index."""
    if isinstance(distribution, CategoricalDistribution):
        return {"type": "categorical", "values": list(range(len(distribution.choices)))}
    assert isinstance(distribution, (FloatDistribution, IntDistribution))
    if distribution.single():
        return {"type": "constant", "value": distribution.low}
    parameter: dict[str, Any] = {
        "type": "int" if isinstance(distribution, IntDistribution) else "float",
        "min": distribution.low,
        "max": distribution.high,
        "scale": "log" if distribution.log else "linear",
    }
    if distribution.step is not None and not distribution.log:
        parameter["step"] = distribution.step
    return parameter


def _inside(params: dict[str, Any], space: dict[str, BaseDistribution]) -> dict[str, Any]:
    """Optuna's values as Espalier's."""
    return {
        name: int(space[name].to_internal_repr(value))
        if isinstance(space[name], CategoricalDistribution)
        else value
        for name, value in params.items()
    }


def _outside(params: dict[str, Any], space: dict[str, BaseDistribution]) -> dict[str, Any]:
    """Espalier's values as Optuna's, of the types that Optuna promises."""

    def value_of(name: str, one: BaseDistribution) -> Any:
        if isinstance(one, CategoricalDistribution):
            return one.choices[params[name]]
        return int(params[name]) if isinstance(one, IntDistribution) else float(params[name])

    return {name: value_of(name, one) for name, one in space.items()}


def _holds(distribution: BaseDistribution, value: Any) -> bool:
    try:
        return distribution._contains(distribution.to_internal_repr(value))
    except ValueError:
        return False


def _outcome(trial: FrozenTrial) -> dict[str, Any]:
    if trial.state == TrialState.COMPLETE and math.isfinite(trial.value):
        return {"value": trial.value}
    if trial.state == TrialState.PRUNED and trial.intermediate_values:
        last = trial.intermediate_values[trial.last_step]
        if math.isfinite(last):
            return {"state": "pruned", "value": last}
    return {"state": "failed"}

"""What a script logs by `wandb.log`, reported to Espalier as well; W&B itself goes on as it would.

A row of W&B's history that has the objective is a step: 0, 1, 2 …, as W&B's early termination counts. What other rows had goes with
the next one, its latest value. At the end the result is the last value of everything, or what the run's summary has. A trial that is to
stop gets SIGTERM, as W&B's agent sends it.
"""

import atexit
import contextlib
import functools
import os
import signal
from typing import Any, Dict, Iterator, Mapping, Optional, Tuple

import espalier

_metric = os.environ.get("ESPALIER_WANDB_METRIC", "")

_row: Dict[str, float] = {}
_waiting: Dict[str, float] = {}
_last: Dict[str, float] = {}
_wandb_step = 0
_steps = 0
_run: Any = None
_owner: Optional[int] = None


def listen(wandb: Any) -> None:
    """Hooks into wandb, which has just been imported."""
    init = wandb.init
    _hook(wandb.Run)

    @functools.wraps(init)
    def begun(*given: Any, **named: Any) -> Any:
        global _run, _owner
        _run = init(*given, **named)
        # Where W&B is disabled, a run is of another class.
        if _hook(type(_run)) and wandb.run is _run:
            wandb.log = _run.log
        if _owner is None:
            _owner = os.getpid()
            # Behind W&B's own, and so before it: the run is still there.
            atexit.register(_conclude)
        return _run

    wandb.init = begun


def _hook(kind: Any) -> bool:
    """Whether the class was not hooked into before."""
    if hasattr(kind.log, "heard_by_espalier"):
        return False
    log, finish = kind.log, kind.finish

    @functools.wraps(log)
    def logged(run: Any, *given: Any, **named: Any) -> Any:
        result = log(run, *given, **named)
        _heard(*given, **named)
        return result

    @functools.wraps(finish)
    def finished(run: Any, *given: Any, **named: Any) -> Any:
        _last.update(_summary_of(run))
        return finish(run, *given, **named)

    logged.heard_by_espalier = True
    kind.log, kind.finish = logged, finished
    return True


def _heard(data: Mapping[str, Any], step: Optional[int] = None, commit: Optional[bool] = None, **_: Any) -> None:
    """As W&B: a row ends where the next step begins, or, where nobody names steps, at once."""
    global _wandb_step
    if step is not None and step < _wandb_step:
        return
    if step is not None and step > _wandb_step:
        _end_row()
        _wandb_step = step
    _row.update(_numbers(data))
    if commit or (step is None and commit is None):
        _end_row()
        _wandb_step += 1


def _end_row() -> None:
    global _steps
    _waiting.update(_row)
    _last.update(_row)
    is_step = _metric in _row
    _row.clear()
    if not is_step:
        return
    said = dict(_waiting)
    _waiting.clear()
    _steps += 1
    if espalier.report(_steps - 1, said):
        os.kill(os.getpid(), signal.SIGTERM)


def _conclude() -> None:
    # A forked child ends too.
    if os.getpid() != _owner:
        return
    _end_row()
    _last.update(_summary_of(_run))
    if _last:
        espalier.final(_last)


def _summary_of(run: Any) -> Dict[str, float]:
    # Of a run that has ended, or that is none, there may be none; and objects in it are of W&B's own classes.
    with contextlib.suppress(Exception):
        whole = run.summary if isinstance(run.summary, dict) else run.summary._as_dict()
        return {name: value for name, value in _numbers(whole).items() if not name.startswith("_")}
    return {}


def _numbers(data: Mapping[str, Any]) -> Dict[str, float]:
    return dict(_named("", data))


def _named(before: str, data: Mapping[str, Any]) -> Iterator[Tuple[str, float]]:
    """Every number by its name; in objects by the names on the way to it, as W&B has them."""
    for key, value in data.items():
        if isinstance(value, Mapping):
            yield from _named(f"{before}{key}.", value)
        elif isinstance(value, (int, float)) or _is_scalar(value):
            with contextlib.suppress(TypeError, ValueError):
                yield f"{before}{key}", float(value)


def _is_scalar(value: Any) -> bool:
    """Of numpy, torch and the like."""
    try:
        return bool(getattr(value, "shape", None) == ())
    except Exception:  # noqa: BLE001 what an object of somebody else's says to that is its own matter
        return False

"""What a training script says to Espalier, and hears from it. Importable in every program that Espalier runs.

    import espalier

    params = espalier.params({"lr": 0.1, "layers": 2})      # the defaults are for running the script by itself
    for epoch in espalier.steps(20):
        loss = train_an_epoch(params["lr"], params["layers"])
        if espalier.report(epoch, loss=loss):               # true: this trial is not worth going on with
            break
    espalier.final(loss=loss)

Run by itself, a script does the same with the defaults: what it reports is printed, and nothing stops it.

Reports are appended to the file $ESPALIER_REPORTS, a line in one write each: what the script prints, redirects or draws
does not get between them. Each metric's line is answered by one line on the standard input. A lock lets one thread or process
at a time report and wait for its answer, and an answer has its step, so that none is taken for another's.

Python 3.8 or newer; imports nothing but the standard library.
"""

import contextlib
import json
import os
import pathlib
import shutil
import sys
import tempfile
from typing import Any, Dict, Iterator, Mapping, NoReturn, Optional, Tuple, Union

if sys.platform == "win32":
    # There only threads of one process are kept apart.
    import threading

    _threads = threading.Lock()
else:
    import fcntl

__all__ = [
    "artifact",
    "checkpoint",
    "device",
    "failed",
    "final",
    "inside",
    "params",
    "report",
    "saving",
    "seat",
    "seed",
    "start_step",
    "steps",
    "trial",
]

_reports = os.environ.get("ESPALIER_REPORTS", "")

inside: bool = _reports != ""
"""Whether Espalier runs this script."""

trial: Optional[int] = int(os.environ["ESPALIER_TRIAL"]) if inside else None
"""The number of the trial; None outside of Espalier."""

seed: int = int(os.environ.get("ESPALIER_SEED") or "0")
"""For everything random in this trial: from 0 to 2**32 - 1. 0 outside of Espalier."""

seat: int = int(os.environ.get("ESPALIER_SEAT") or "0")
"""The number of the place this trial runs at. No two that run at the same time have the same one."""

device: str = os.environ.get("ESPALIER_DEVICE", "")
"""The ids of the devices this trial has for itself, divided by commas; empty where nobody deals them out."""

start_step: int = int(os.environ.get("ESPALIER_STEP") or "0")
"""The step to go on from: 0, or the one after the last that the checkpoint was kept with."""

checkpoint: pathlib.Path
"""The folder of this trial's checkpoint: what is in it when a step is reported is there again where the trial goes on.

Outside of Espalier it is empty, and gone when the script ends.
"""

Value = Union[float, Any]
"""A number, or what `float` makes one of: scalars of numpy, torch, jax, tensorflow."""

_stopped = False
_deaf = False
_own_checkpoint: Optional[pathlib.Path] = None


class _Params(Dict[str, Any]):
    def __missing__(self, name: str) -> NoReturn:
        there = ", ".join(map(str, self)) or "none"
        raise KeyError(
            f'a param must be one of this trial\'s ("{name}" is not; there are: {there}); '
            "it may be inactive here: give a default, params({name: value}), or ask with .get(name)"
        )


def params(defaults: Optional[Mapping[str, Any]] = None) -> Dict[str, Any]:
    """The params of this trial, in front of the defaults; outside of Espalier the defaults alone.

    A whole number becomes a float where its default is one.
    """
    given: Dict[str, Any] = {}
    path = os.environ.get("ESPALIER_PARAMS_FILE") if inside else None
    if path:
        with open(path, encoding="utf-8") as file:
            given = json.load(file)
    merged = _Params(defaults or {})
    for name, value in given.items():
        merged[name] = float(value) if type(value) is int and type(merged.get(name)) is float else value
    return merged


def steps(total: int) -> range:
    """The steps from where the trial goes on (`start_step`) to `total`, which is not among them."""
    return range(start_step, total)


def report(step: float, metrics: Optional[Mapping[str, Value]] = None, /, **more: Value) -> bool:
    """Reports the metrics of a step; whether to stop, because the trial is not worth going on with.

    What names of Python cannot spell is given as a mapping: report(3, {"val/loss": 0.2}). Waits for the answer. Of several ranks
    (RANK, else LOCAL_RANK and what mpirun and srun set) the first speaks, and the others are told to go on.
    """
    global _stopped
    said = _numbers(metrics, more)
    if _stopped or not _speaks():
        return _stopped
    at = float(step)
    number = int(at) if at.is_integer() else at
    if not inside:
        _show(f"step {number}", said)
        return False
    with _turn():
        _say({"metric": said, "step": number})
        _stopped = _answer(number) == "stop"
    return _stopped


def final(value: Union[None, Value, Mapping[str, Value]] = None, /, **metrics: Value) -> None:
    """Gives the result: the objective as a number, or metrics by name, the objective's among them. The last one counts."""
    said: Any
    if value is None or isinstance(value, Mapping):
        said = _numbers(value, metrics)
    elif metrics:
        raise TypeError("a result is a number or metrics by name, and not both")
    else:
        said = _number("the result", value)
    if not _speaks():
        return
    if inside:
        _say({"final": said})
    else:
        _show("final", said if isinstance(said, dict) else {"": said})


def failed(reason: object) -> NoReturn:
    """Says that the trial failed, and why, and ends the script with exit code 1 (from whatever rank)."""
    if inside:
        _say({"failed": str(reason)})
    else:
        print(f"failed: {reason}", file=sys.stderr, flush=True)
    raise SystemExit(1)


def artifact(path: Union[str, "os.PathLike[str]"], name: Optional[str] = None) -> None:
    """Keeps a file with the trial, by its own name or another. It is read when the script has ended."""
    if not _speaks():
        return
    file = os.path.abspath(os.fspath(path))
    if inside:
        _say({"artifact": file} if name is None else {"artifact": file, "name": name})
    else:
        print(f"artifact: {file}", flush=True)


@contextlib.contextmanager
def saving(name: Union[str, "os.PathLike[str]"]) -> Iterator[pathlib.Path]:
    """A path to write to, file or folder, that becomes `checkpoint / name` where all went well, and else is gone.

        with espalier.saving("state.pt") as path:
            torch.save(model.state_dict(), path)
    """
    target = _checkpoint() / name
    target.parent.mkdir(parents=True, exist_ok=True)
    # The name ends as the other does: some libraries choose the format by that, or add their own ending.
    written = target.with_name(f".saving-{_rank()}-{target.name}")
    _remove(written)
    try:
        yield written
        if not written.exists():
            raise FileNotFoundError(f"what is saved as {target.name} must be written to the path given ({written} is not there)")
        if written.is_dir() and target.exists():
            _remove(target)
        os.replace(str(written), str(target))
    finally:
        _remove(written)


def __getattr__(name: str) -> Any:
    if name == "checkpoint":
        return _checkpoint()
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def _checkpoint() -> pathlib.Path:
    global _own_checkpoint
    if _own_checkpoint is None:
        given = os.environ.get("ESPALIER_CHECKPOINT") if inside else None
        if given:
            _own_checkpoint = pathlib.Path(given)
        elif inside:
            # Nobody keeps checkpoints: the script need not know.
            _own_checkpoint = pathlib.Path(os.environ["ESPALIER_DIRECTORY"], "checkpoint")
        else:
            _own_checkpoint = _folder_of_this_run()
        _own_checkpoint.mkdir(parents=True, exist_ok=True)
    return _own_checkpoint


def _folder_of_this_run() -> pathlib.Path:
    import atexit

    folder = pathlib.Path(tempfile.mkdtemp(prefix="espalier-checkpoint-"))
    owner = os.getpid()

    def clear() -> None:
        # A forked child ends too, and has this from its parent.
        if os.getpid() == owner:
            shutil.rmtree(str(folder), ignore_errors=True)

    atexit.register(clear)
    return folder


def _remove(path: pathlib.Path) -> None:
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(str(path))
    else:
        with contextlib.suppress(FileNotFoundError):
            path.unlink()


def _rank() -> str:
    # Read anew: a script may set it for the processes that it begins.
    environ = os.environ
    if environ.get("RANK"):
        return environ["RANK"].strip()
    # Those of Espalier itself, begun by srun or mpirun, are inherited, but for another step of Slurm, which the program began.
    begun = json.loads(environ.get("ESPALIER_BEGUN_AS") or "{}")
    if begun.get("SLURM_STEP_ID") != environ.get("SLURM_STEP_ID"):
        begun = {}
    for name in ("LOCAL_RANK", "OMPI_COMM_WORLD_RANK", "PMI_RANK", "SLURM_PROCID"):
        rank = "" if name in begun else environ.get(name, "").strip()
        if rank not in ("", "0"):
            return rank
    return "0"


def _speaks() -> bool:
    return _rank() == "0"


def _numbers(metrics: Optional[Mapping[str, Value]], more: Mapping[str, Value]) -> Dict[str, float]:
    said = {str(name): _number(f'"{name}"', value) for name, value in {**(metrics or {}), **more}.items()}
    if not said:
        raise TypeError("a report has at least one metric, as loss=0.3")
    return said


def _number(what: str, value: Value) -> float:
    if not isinstance(value, (str, bytes, bytearray)):
        with contextlib.suppress(TypeError, ValueError):
            return float(value)
    raise TypeError(f"a metric is one number (got {what} as {value!r})")


def _show(what: str, metrics: Mapping[str, float]) -> None:
    print(f"{what}:", ", ".join(f"{name} {value:.6g}".strip() for name, value in metrics.items()), flush=True)


@contextlib.contextmanager
def _turn() -> Iterator[None]:
    """One report and its answer at a time, of all threads and processes of this trial."""
    if sys.platform == "win32":
        with _threads:
            yield
    else:
        with _opened(_reports, os.O_RDONLY) as lock:
            # Some file systems have no locks.
            with contextlib.suppress(OSError):
                if lock is not None:
                    fcntl.flock(lock, fcntl.LOCK_EX)
            yield


@contextlib.contextmanager
def _opened(path: str, flags: int) -> Iterator[Optional[int]]:
    """None where the file cannot be opened, as in a container that has another folder there."""
    try:
        file = os.open(path, flags)
    except OSError:
        yield None
        return
    try:
        yield file
    finally:
        os.close(file)


def _say(message: Mapping[str, Any]) -> None:
    line = json.dumps(message)
    with _opened(_reports, os.O_WRONLY | os.O_APPEND) as file:
        if file is None:
            _write(1, f"espalier: {line}\n")
        else:
            _write(file, f"{line}\n")


def _write(file: int, text: str) -> None:
    rest = text.encode("utf-8")
    while rest:
        rest = rest[os.write(file, rest) :]


def _answer(step: float) -> str:
    """The answer to a step, which may stand behind those to reports that nobody waited for."""
    global _deaf
    while not _deaf:
        line, _deaf = _read_line()
        with contextlib.suppress(ValueError):
            answer = json.loads(line)
            if isinstance(answer, dict) and answer.get("step") == step:
                return str(answer.get("answer"))
    return "continue"


def _read_line() -> Tuple[bytes, bool]:
    """A line of the standard input, and whether that has ended. Byte by byte: what follows belongs to who reads next."""
    line = b""
    while not line.endswith(b"\n"):
        try:
            byte = os.read(0, 1)
        except OSError:
            return line, True
        if byte == b"":
            return line, True
        line += byte
    return line, False

"""python -m espalier_wandb --metric NAME [--float NAME] [--nested NAME=WAY] -- COMMAND

Does for a trial of Espalier what W&B's agent does for a run, and becomes the command:

- `$(args)`, `$(args_no_equals)`, … `$(envvar:NAME)` in it are put in, values as Python writes them;
- `wandb.config` has the trial's parameters, by the file that $WANDB_SWEEP_PARAM_PATH names;
- what the script, or a Python that it starts, logs by `wandb.log` is reported to Espalier (hook/sitecustomize.py).

Parameters named by --float are floats, also where JSON has 1 for 1.0. One named by --nested, with the names on the way to it divided by
slashes, is put into an object.

Python 3.8 or newer; imports nothing but the standard library.
"""

import json
import os
import pathlib
import re
import sys
from typing import Any, Dict, List


def main(arguments: List[str]) -> None:
    options, command = _divided(arguments)
    if "ESPALIER_PARAMS_FILE" not in os.environ:
        sys.exit("espalier_wandb is run by Espalier, once a trial: espalier sweep FILE")
    if not command or "metric" not in options:
        sys.exit("what espalier_wandb is given: --metric NAME [--float NAME] [--nested NAME=WAY] -- COMMAND")
    with open(os.environ["ESPALIER_PARAMS_FILE"], encoding="utf-8") as file:
        params: Dict[str, Any] = json.load(file)
    config = _nested(params, options.get("float", []), options.get("nested", []))

    folder = pathlib.Path(os.environ["ESPALIER_DIRECTORY"])
    settings = folder / "wandb-config.yaml"
    settings.write_text(_yaml_of({name: {"value": value} for name, value in config.items()}) + "\n", encoding="utf-8")
    hook = str(pathlib.Path(__file__).resolve().parent / "hook")
    os.environ["WANDB_SWEEP_PARAM_PATH"] = str(settings)
    os.environ["ESPALIER_WANDB_METRIC"] = options["metric"][-1]
    os.environ["PYTHONPATH"] = os.pathsep.join([hook, *filter(None, [os.environ.get("PYTHONPATH")])])

    runs = _filled(command, config, folder)
    try:
        if sys.platform == "win32":
            import subprocess

            sys.exit(subprocess.call(runs))
        os.execvp(runs[0], runs)
    except OSError as error:
        print(f"{runs[0]} cannot be run: {error.strerror}", file=sys.stderr)
        sys.exit(127 if isinstance(error, FileNotFoundError) else 126)


def _divided(arguments: List[str]) -> Any:
    """The options, each with its values, and the command behind `--`."""
    at = arguments.index("--") if "--" in arguments else len(arguments)
    options: Dict[str, List[str]] = {}
    for name, value in zip(arguments[0:at:2], arguments[1:at:2]):
        options.setdefault(name[2:], []).append(value)
    return options, arguments[at + 1 :]


def _nested(params: Dict[str, Any], floats: List[str], nested: List[str]) -> Dict[str, Any]:
    ways = {name: way.split("/") for name, way in (one.rsplit("=", 1) for one in nested)}
    config: Dict[str, Any] = {}
    for name, value in params.items():
        if name in floats and type(value) is int:
            value = float(value)
        *above, last = ways.get(name, [name])
        inside = config
        for key in above:
            inside = inside.setdefault(key, {})
        inside[last] = value
    return config


def _filled(command: List[str], config: Dict[str, Any], folder: pathlib.Path) -> List[str]:
    """The command with what its macros stand for, values as W&B's agent writes them."""
    pairs = [f"{name}={value}" for name, value in config.items()]
    expansions = {
        "$(args)": [f"--{pair}" for pair in pairs],
        "$(args_no_hyphens)": pairs,
        "$(args_append_hydra)": [f"+{pair}" for pair in pairs],
        "$(args_override_hydra)": [f"++{pair}" for pair in pairs],
        "$(args_no_equals)": [word for name, value in config.items() for word in (f"--{name}", str(value))],
        "$(args_no_boolean_flags)": [
            f"--{name}" if value is True else f"--{name}={value}" for name, value in config.items() if value is not False
        ],
        "$(args_json)": [json.dumps(config)],
    }
    if "$(args_json_file)" in command:
        file = folder / "wandb-args.json"
        file.write_text(json.dumps(config), encoding="utf-8")
        expansions["$(args_json_file)"] = [str(file)]
    filled: List[str] = []
    for word in command:
        # As the agent has it: a variable that is not there is its own name.
        named = re.sub(r"\$\(envvar:([A-Z0-9_]*)\)", lambda found: os.environ.get(found[1], found[1]), word)
        filled += expansions.get(word, [named])
    return filled


def _yaml_of(value: Any) -> str:
    """JSON that PyYAML reads as the same: to it 1e-05, without a point, would be a text."""
    if isinstance(value, dict):
        return "{" + ", ".join(f"{_yaml_of(key)}: {_yaml_of(inner)}" for key, inner in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(map(_yaml_of, value)) + "]"
    if isinstance(value, float) and "e" in repr(value):
        mantissa, exponent = repr(value).split("e")
        return f"{mantissa}{'' if '.' in mantissa else '.0'}e{exponent}"
    return json.dumps(value, ensure_ascii=False)


main(sys.argv[1:])

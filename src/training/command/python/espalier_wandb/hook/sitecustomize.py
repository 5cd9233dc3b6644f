"""Python runs this at its start, where its folder is on PYTHONPATH: when a script imports wandb, what it logs is heard too.

A sitecustomize that was there before is run as well.
"""

import importlib.abc
import importlib.machinery
import importlib.util
import os
import sys


class _Heard(importlib.abc.MetaPathFinder):
    """Finds wandb as it would be found without it, and hooks into what has been loaded."""

    def find_spec(self, name, path=None, target=None):
        if name != "wandb":
            return None
        sys.meta_path.remove(self)
        spec = importlib.util.find_spec(name)
        if spec is None or spec.loader is None:
            return spec
        load = spec.loader.exec_module

        def loaded(module):
            load(module)
            # Beside the package of this folder, which PYTHONPATH has too.
            from espalier_wandb.log import listen

            listen(module)

        spec.loader.exec_module = loaded
        return spec


def _others():
    here = os.path.dirname(os.path.abspath(__file__))
    elsewhere = [folder for folder in sys.path if os.path.abspath(folder) != here]
    spec = importlib.machinery.PathFinder.find_spec("sitecustomize", elsewhere)
    if spec is not None and spec.loader is not None:
        spec.loader.exec_module(importlib.util.module_from_spec(spec))


if os.environ.get("ESPALIER_WANDB_METRIC"):
    sys.meta_path.insert(0, _Heard())
_others()

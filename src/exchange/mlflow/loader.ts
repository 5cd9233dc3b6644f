/** The module by which MLflow loads the folder of a model: the same for every model. It needs what MLflow brings, and nothing of Espalier. */

/** A process may load several models, and knows a module by its name: another text has another name. */
export const loaderModule = 'espalier_mlflow_1'

export const loaderSource = `"""Loads a model that Espalier wrote, for MLflow: the file of Python beside the MLmodel predicts."""
import datetime
import importlib.util
import itertools

import numpy
import pandas
from mlflow.exceptions import MlflowException
from mlflow.protos.databricks_pb2 import INVALID_PARAMETER_VALUE

_numbers = itertools.count()


class EspalierModel:
    """A model of Espalier's; \`module\` is its file of Python, which predicts from plain rows."""

    def __init__(self, module):
        self.module = module

    def predict(self, model_input, params=None):
        """An array with a class or a number for each row; with the param "probabilities" a DataFrame with a column for each class."""
        wants = (params or {}).get("probabilities", False)
        if wants and not hasattr(self.module, "predict_proba"):
            raise MlflowException(
                'this model has no probabilities; leave the param "probabilities" out', INVALID_PARAMETER_VALUE
            )
        rows = _rows(model_input)
        try:
            if wants:
                return pandas.DataFrame(self.module.predict_proba(rows), columns=self.module.CLASSES)
            answers = self.module.predict(rows)
        except ValueError as error:
            raise MlflowException(str(error), INVALID_PARAMETER_VALUE) from error
        return numpy.array(answers, dtype=float if self.module.CLASSES is None else object)


def _rows(model_input):
    if not isinstance(model_input, pandas.DataFrame):
        model_input = pandas.DataFrame(model_input)
    names = [str(name) for name in model_input.columns]
    columns = [[_plain(cell) for cell in model_input.iloc[:, i].tolist()] for i in range(len(names))]
    if not columns:
        return [{} for _ in range(len(model_input))]
    return [dict(zip(names, cells)) for cells in zip(*columns)]


def _plain(cell):
    """A cell as JSON has it."""
    if cell is None or cell is pandas.NaT or cell is pandas.NA:
        return None
    if isinstance(cell, numpy.generic):
        cell = cell.item()
    if isinstance(cell, float):
        return None if cell != cell else cell
    if isinstance(cell, datetime.datetime):
        midnight = cell.time() == datetime.time() and cell.tzinfo is None
        return cell.date().isoformat() if midnight else cell.isoformat()
    if isinstance(cell, datetime.date):
        return cell.isoformat()
    return cell


def _load_pyfunc(path, model_config=None):
    spec = importlib.util.spec_from_file_location("espalier_model_%d" % next(_numbers), path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return EspalierModel(module)
`

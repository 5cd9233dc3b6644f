"""Optuna's own tests of samplers, on the example's: those for samplers of one objective that suggest params together."""

import json
import os
import sys

import pytest

sys.path.insert(0, os.environ["ESPALIER_SAMPLER_FOLDER"])

from espalier_sampler import EspalierSampler  # noqa: E402
from optuna.testing.pytest_samplers import (  # noqa: E402
    BasicSamplerTestCase,
    RelativeSamplerTestCase,
    SingleOnlySamplerTestCase,
)


class TestEspalierSampler(BasicSamplerTestCase, RelativeSamplerTestCase, SingleOnlySamplerTestCase):
    @pytest.fixture
    def sampler(self):
        command = json.loads(os.environ["ESPALIER_COMMAND"])
        return lambda: EspalierSampler(seed=1, command=command)

def _regressor(prepare, learner):
    return lambda row: learner(prepare(row))

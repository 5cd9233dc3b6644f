def _calibrated(learner, maps):
    """Probabilities put right: of two classes by one map, of the second; of more by one each, made to sum to 1."""

    def calibrated(row):
        code, given = learner(row)
        if given is None:
            return code, given
        if len(given) == 2:
            second = maps[0](given[1])
            out = [1.0 - second, second]
            return _greatest(out), out
        out = [one(p) for one, p in zip(maps, given)]
        total = 0.0
        for p in out:
            total += p
        out = [p / total if total > 0 else 1.0 / len(out) for p in out]
        return _greatest(out), out

    return calibrated

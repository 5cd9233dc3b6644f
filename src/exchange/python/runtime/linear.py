def _linear(coefficients, intercept):
    def learner(row):
        total = intercept
        for weight, value in zip(coefficients, row):
            total += weight * value
        return total

    return learner

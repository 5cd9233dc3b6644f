import sys


def _boosted_counts(scores, scale):
    """Of the loss poisson: a score is a logarithm."""
    most = sys.float_info.max

    def learner(row):
        answer = scale * _exp(min(scores(row)[0], 700.0))
        return answer if answer != answer else max(-most, min(most, answer))

    return learner

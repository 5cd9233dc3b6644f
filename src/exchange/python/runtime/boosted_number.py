import sys


def _boosted_number(scores, shift, scale):
    most = sys.float_info.max

    def learner(row):
        answer = shift + scale * scores(row)[0]
        return answer if answer != answer else max(-most, min(most, answer))

    return learner

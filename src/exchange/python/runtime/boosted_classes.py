def _boosted_classes(scores):
    def learner(row):
        found = scores(row)
        probabilities = _softmax([0.0] + found if len(found) == 1 else found)
        return _greatest(probabilities), probabilities

    return learner

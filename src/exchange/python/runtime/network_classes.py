def _network_classes(outputs):
    def learner(row):
        probabilities = _softmax(outputs(row))
        return _greatest(probabilities), probabilities

    return learner

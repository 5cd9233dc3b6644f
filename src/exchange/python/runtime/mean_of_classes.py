def _mean_of_classes(members, classes, has_probabilities):
    """Several models as one: (weight, model); one without probabilities gives all of its weight to its answer."""
    weights = 0.0
    for weight, _ in members:
        weights += weight

    def answer(row):
        out = [0.0] * classes
        for weight, model in members:
            place, given = model(row)
            if given is None:
                out[place] += weight
            else:
                out = [total + weight * p for total, p in zip(out, given)]
        out = [total / weights for total in out]
        return _greatest(out), out if has_probabilities else None

    return answer

def _classifier(prepare, learner, seen, classes):
    """From a row to the place of its class, and the probabilities of all classes (None: there are none)."""

    def answer(row):
        code, given = learner(prepare(row))
        if given is None or len(seen) == classes:
            return seen[code], given
        spread = [0.0] * classes
        for place, probability in zip(seen, given):
            spread[place] = probability
        return seen[code], spread

    return answer

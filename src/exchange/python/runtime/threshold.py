def _from_threshold(model, positive, value):
    """Of two classes the positive one is answered where its probability is this or more."""

    def answer(row):
        _, given = model(row)
        return positive if given[positive] >= value else 1 - positive, given

    return answer

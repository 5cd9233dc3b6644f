def _voted(decisions, classes):
    """The class with the most pairs won; of several the first."""
    won = [0] * classes
    pair = 0
    for a in range(classes):
        for b in range(a + 1, classes):
            won[a if decisions[pair] > 0 else b] += 1
            pair += 1
    return won.index(max(won))


def _machine_classes(decisions, labels):
    def learner(row):
        return labels[_voted(decisions(row), len(labels))], None

    return learner

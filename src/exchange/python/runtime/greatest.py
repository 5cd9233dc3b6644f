def _greatest(values):
    """The place of the greatest; of equal ones the first."""
    best = 0
    for place in range(1, len(values)):
        if values[place] > values[best]:
            best = place
    return best

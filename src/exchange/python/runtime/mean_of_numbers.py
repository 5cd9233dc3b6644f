def _mean_of_numbers(members):
    """Several models as one: (weight, model)."""
    weights = 0.0
    for weight, _ in members:
        weights += weight

    def answer(row):
        total = 0.0
        for weight, model in members:
            total += weight * model(row)
        return total / weights

    return answer

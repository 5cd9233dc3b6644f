def _softmax(scores):
    most = max(scores)
    powers = [_exp(score - most) for score in scores]
    total = 0.0
    for power in powers:
        total += power
    return [power / total for power in powers]

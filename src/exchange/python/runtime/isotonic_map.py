def _isotonic_map(p, q):
    """Straight lines between steps."""

    def put_right(value):
        if value <= p[0]:
            return q[0]
        if value >= p[-1]:
            return q[-1]
        low = 0
        high = len(p) - 1
        while high - low > 1:
            middle = (low + high) // 2
            if p[middle] <= value:
                low = middle
            else:
                high = middle
        share = (value - p[low]) / (p[high] - p[low])
        return q[low] + share * (q[high] - q[low])

    return put_right

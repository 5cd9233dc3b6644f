def _sigmoid_map(a, b):
    def put_right(p):
        inside = min(max(p, 1e-12), 1.0 - 1e-12)
        z = a * _log(inside / (1.0 - inside)) + b
        if z >= 0:
            return 1.0 / (1.0 + _exp(-z))
        e = _exp(z)
        return e / (1.0 + e)

    return put_right

def _linear_kernel():
    return lambda total: total, False

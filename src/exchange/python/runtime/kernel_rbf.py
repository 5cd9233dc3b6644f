def _rbf_kernel(gamma):
    return lambda total: _exp(-gamma * total), True

def _sigmoid_kernel(gamma, coef0):
    return lambda total: _tanh(gamma * total + coef0), False

def _polynomial_kernel(gamma, coef0, degree):
    return lambda total: _power(gamma * total + coef0, degree), False

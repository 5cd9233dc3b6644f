def _libsvm_number(kernels, coefficients, rho):
    def outputs(row):
        total = -rho
        for weight, value in zip(coefficients, kernels(row)):
            total += weight * value
        return [total]

    return outputs

def _libsvm_kernels(kernel, width, vectors):
    """A function from a row to the kernels with all support vectors: `kernel` makes them of sums of products (rbf: of squares)."""
    measure, is_distance = kernel
    columns = [vectors[j::width] for j in range(width)]
    size = len(vectors) // width

    def kernels(row):
        sums = [0.0] * size
        for value, column in zip(row, columns):
            if is_distance:
                differences = [other - value for other in column]
                sums = [total + one * one for total, one in zip(sums, differences)]
            else:
                sums = [total + other * value for total, other in zip(sums, column)]
        return [measure(total) for total in sums]

    return kernels

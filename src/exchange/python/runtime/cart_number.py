def _cart_number(column, threshold, numbers):
    leaves_of, trees = _cart_leaves(column, threshold, 1, numbers)

    def learner(row):
        total = 0.0
        for leaf in leaves_of(row):
            total += leaf[0]
        return total / trees

    return learner

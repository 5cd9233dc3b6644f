def _cart_classes(classes, column, threshold, numbers):
    leaves_of, trees = _cart_leaves(column, threshold, classes, numbers)

    def learner(row):
        out = [0.0] * classes
        for leaf in leaves_of(row):
            out = [total + share for total, share in zip(out, leaf)]
        out = [total / trees for total in out]
        return _greatest(out), out

    return learner

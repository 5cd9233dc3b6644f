def _class_trees(classes, column, cuts, missing_left, sets, sizes, which, weights):
    """The mean over the trees of the shares of the classes in the leaves that a row ends in."""
    roots, leaf_of = _walker(column, cuts, missing_left, sets)
    shares = {}
    first = 0
    leaf = 0
    for node, of in enumerate(column):
        if of >= 0:
            continue
        end = first + sizes[leaf]
        total = sum(weights[first:end])
        shares[node] = [(which[k], weights[k] / total / len(roots)) for k in range(first, end)]
        first = end
        leaf += 1

    def learner(row):
        out = [0.0] * classes
        for root in roots:
            for place, share in shares[leaf_of(row, root)]:
                out[place] += share
        return _greatest(out), out

    return learner

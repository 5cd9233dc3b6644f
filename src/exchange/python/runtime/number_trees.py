def _number_trees(column, cuts, missing_left, sets, values):
    """The mean over the trees of the numbers of the leaves that a row ends in."""
    roots, leaf_of = _walker(column, cuts, missing_left, sets)
    leaves = [node for node, of in enumerate(column) if of < 0]
    amounts = {node: value / len(roots) for node, value in zip(leaves, values)}

    def learner(row):
        total = 0.0
        for root in roots:
            total += amounts[leaf_of(row, root)]
        return total

    return learner

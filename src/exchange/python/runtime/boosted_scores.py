def _boosted_scores(start, column, cuts, missing_left, sets, values):
    """Scores of gradient-boosted trees: tree t adds to the score of output t mod their number."""
    roots, leaf_of = _walker(column, cuts, missing_left, sets)
    leaves = [node for node, of in enumerate(column) if of < 0]
    amounts = dict(zip(leaves, values))
    outputs = len(start)

    def scores(row):
        out = list(start)
        for tree, root in enumerate(roots):
            out[tree % outputs] += amounts[leaf_of(row, root)]
        return out

    return scores

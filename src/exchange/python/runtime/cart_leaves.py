def _cart_leaves(column, threshold, width, numbers):
    """The leaves of ml-cart's trees that a row ends in, one a tree: rows below the threshold go left."""
    roots, right = _preorder(column)
    leaves = {}
    for node, of in enumerate(column):
        if of < 0:
            first = width * len(leaves)
            leaves[node] = numbers[first : first + width]

    def leaves_of(row):
        for node in roots:
            of = column[node]
            while of >= 0:
                node = node + 1 if row[of] < threshold[node] else right[node]
                of = column[node]
            yield leaves[node]

    return leaves_of, len(roots)

def _walker(column, cuts, missing_left, sets):
    """A function from a row and a root to the leaf: numbers up to the cut go left, and categories of the set (their number, and bits)."""
    roots, right = _preorder(column)
    threshold = [0.0] * len(column)
    left_if_missing = [0] * len(column)
    bits = {}
    k = 0
    for node, of in enumerate(column):
        if of < 0:
            continue
        threshold[node] = cuts[k]
        left_if_missing[node] = missing_left[k]
        if cuts[k] != cuts[k]:
            size, text = sets[len(bits)]
            bits[node] = (size, int.from_bytes(bytes.fromhex(text), "little"))
        k += 1

    def leaf_of(row, node):
        of = column[node]
        while of >= 0:
            value = row[of]
            if value <= threshold[node]:
                node += 1
            elif node in bits:
                size, left = bits[node]
                if value >= 0 and value < size:
                    node = node + 1 if left >> int(value) & 1 else right[node]
                else:
                    node = node + 1 if left_if_missing[node] else right[node]
            elif value != value and left_if_missing[node]:
                node += 1
            else:
                node = right[node]
            of = column[node]
        return node

    return roots, leaf_of

def _preorder(column):
    """Of trees in preorder, one behind the other, -1 being a leaf: where each begins, and every node's right child."""
    right = [0] * len(column)
    roots = []
    open_nodes = []
    is_root = True
    for node, of in enumerate(column):
        if is_root:
            roots.append(node)
        is_root = False
        if of >= 0:
            open_nodes.append(node)
            continue
        while open_nodes and right[open_nodes[-1]]:
            open_nodes.pop()
        if open_nodes:
            right[open_nodes[-1]] = node + 1
        else:
            is_root = True
    return roots, right

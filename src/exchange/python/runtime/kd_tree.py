# The search of the engine ml-knn, step by step: which of several rows at the same distance are found hangs on the way it goes.
import math


class _Node:
    def __init__(self, point, dimension):
        self.point = point
        self.dimension = dimension
        self.left = None
        self.right = None


def _grown(points, depth, dimensions):
    """A row's class stands behind its columns and is a dimension too."""
    if not points:
        return None
    dimension = depth % dimensions
    if len(points) == 1:
        return _Node(points[0], dimension)
    points = sorted(points, key=lambda point: point[dimension])
    middle = len(points) // 2
    node = _Node(points[middle], dimension)
    node.left = _grown(points[:middle], depth + 1, dimensions)
    node.right = _grown(points[middle + 1 :], depth + 1, dimensions)
    return node


class _Nearest:
    """The nearest so far as a binary heap, the farthest at its top."""

    def __init__(self, most):
        self.most = most
        self.items = []

    def takes(self, distance):
        return len(self.items) < self.most or distance < self.items[0][0]

    def add(self, distance, point):
        items = self.items
        at = len(items)
        items.append((distance, point))
        while at > 0:
            parent = (at + 1) // 2 - 1
            if not items[parent][0] < distance:
                break
            items[at], items[parent] = items[parent], items[at]
            at = parent
        if len(items) > self.most:
            self.remove_top()

    def remove_top(self):
        items = self.items
        last = items.pop()
        if not items:
            return
        items[0] = last
        at = 0
        while True:
            child = None
            first, second = 2 * at + 1, 2 * at + 2
            if first < len(items) and items[first][0] > last[0]:
                child = first
            if second < len(items) and items[second][0] > (last[0] if child is None else items[child][0]):
                child = second
            if child is None:
                return
            items[at], items[child] = items[child], items[at]
            at = child


def _kd_neighbours(k, distance, by_distance, width, points, codes):
    """The classes of the k nearest rows with their votes; equally near ones by class."""
    rows = [points[first : first + width] + [code] for first, code in zip(range(0, len(points), width), codes)]
    root = _grown(rows, 0, width + 1)

    def measure(a, b):
        total = 0.0
        for i in range(width):
            one = a[i] - b[i]
            if distance == "manhattan":
                total += abs(one)
            elif distance == "chebyshev":
                total = max(total, abs(one))
            else:
                total += one * one
        return total

    def visit(node, row, found):
        dimension = node.dimension
        own = measure(row, node.point)
        if node.left is None and node.right is None:
            if found.takes(own):
                found.add(own, node.point)
            return
        if node.right is None:
            best, other = node.left, None
        elif node.left is None:
            best, other = node.right, None
        elif dimension < width and row[dimension] < node.point[dimension]:
            best, other = node.left, node.right
        else:
            best, other = node.right, node.left
        visit(best, row, found)
        if found.takes(own):
            found.add(own, node.point)
        across = 0.0
        if dimension < width:
            across = abs(row[dimension] - node.point[dimension])
            if distance == "euclidean":
                across = across * across
        if other is not None and found.takes(across):
            visit(other, row, found)

    def voters(row):
        found = _Nearest(k)
        visit(root, row, found)
        ordered = sorted((length, point[width]) for length, point in found.items)
        lengths = [math.sqrt(length) if distance == "euclidean" else length for length, _ in ordered]
        places = [code for _, code in ordered]
        return places, _votes_by_distance(lengths) if by_distance else [1.0] * len(places)

    return voters

def _xgboost_scores(outputs, output_of, column, value):
    """Scores of XGBoost's trees: rows in single precision go left below the threshold."""
    roots, right = _preorder(column)
    width = 1 + max(column, default=-1)

    def scores(row):
        cells = _singles([max(-1e38, min(1e38, cell)) for cell in row[:width]])
        out = [0.0] * outputs
        for root, output in zip(roots, output_of):
            node = root
            of = column[node]
            while of >= 0:
                node = node + 1 if cells[of] < value[node] else right[node]
                of = column[node]
            out[output] += value[node]
        return out

    return scores

"""
Answers of Python as its bits: on standard input a JSON of what is asked, on standard output one of the answers.

    {source, rows}             what the model predicts for the rows
    {source, tables}           what it reads from each list of rows
    {source, function, values} a function of one number, for numbers as bits
"""
import json
import struct
import sys


def bits(value):
    return struct.pack(">d", value).hex() if isinstance(value, float) else value


def number(text):
    return struct.unpack(">d", bytes.fromhex(text))[0]


def answer(asked, name):
    module = {"__name__": name}
    exec(compile(asked["source"], name + ".py", "exec"), module)
    if "function" in asked:
        return [bits(module[asked["function"]](number(value))) for value in asked["values"]]
    if "tables" in asked:
        return [read(module, rows) for rows in asked["tables"]]
    rows = asked["rows"]
    try:
        found = {"predictions": [bits(one) for one in module["predict"](rows)]}
        if "predict_proba" in module:
            found["probabilities"] = [{key: bits(p) for key, p in one.items()} for one in module["predict_proba"](rows)]
        return found
    except ValueError as error:
        return {"error": str(error)}


def read(module, rows):
    try:
        return {"table": [[bits(cell) for cell in row] for row in module["_table"](rows, module["_COLUMNS"])]}
    except ValueError as error:
        return {"error": str(error)}


everything = json.loads(sys.stdin.buffer.read().decode("utf-8"))
sys.stdout.write(json.dumps([answer(asked, "model_%d" % place) for place, asked in enumerate(everything)]))

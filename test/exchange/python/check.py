"""Answers of exported models, every double as its bits: a JSON of [{source, rows}] on standard input, a JSON of answers on standard output."""
import json
import struct
import sys


def bits(value):
    return struct.pack(">d", value).hex() if isinstance(value, float) else value


answers = []
for number, asked in enumerate(json.loads(sys.stdin.buffer.read().decode("utf-8"))):
    module = {"__name__": "model_%d" % number}
    exec(compile(asked["source"], "model_%d.py" % number, "exec"), module)
    answer = {}
    try:
        answer["predictions"] = [bits(one) for one in module["predict"](asked["rows"])]
        if "predict_proba" in module:
            answer["probabilities"] = [{name: bits(p) for name, p in one.items()} for one in module["predict_proba"](asked["rows"])]
    except ValueError as error:
        answer["error"] = str(error)
    answers.append(answer)
sys.stdout.write(json.dumps(answers))

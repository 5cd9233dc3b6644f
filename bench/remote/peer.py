"""No-op trials a second of Optuna with a storage that two processes share. Prints one JSON object; called by main.ts."""

import json
import multiprocessing
import sys
import time

import optuna

optuna.logging.set_verbosity(optuna.logging.ERROR)


def work(url, trials):
    study = optuna.load_study(study_name="bench", storage=url, sampler=optuna.samplers.RandomSampler())
    study.optimize(lambda trial: trial.suggest_float("x", -1, 1) ** 2 + 0 * trial.suggest_int("y", 1, 1000), n_trials=trials)


if __name__ == "__main__":
    url, trials, processes = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
    optuna.create_study(study_name="bench", storage=url)
    started = [multiprocessing.Process(target=work, args=(url, trials // processes)) for _ in range(processes)]
    began = time.perf_counter()
    for one in started:
        one.start()
    for one in started:
        one.join()
    seconds = time.perf_counter() - began
    done = len(optuna.load_study(study_name="bench", storage=url).trials)
    print(json.dumps({"version": optuna.__version__, "trials": done, "seconds": seconds}))

"""Runs a script that was written for sweeps of W&B, as it is: `python -m espalier_wandb … -- COMMAND`.

`espalier import wandb` writes such commands. See __main__.py for what is done before the script begins, and log.py for what becomes of
what it logs.
"""

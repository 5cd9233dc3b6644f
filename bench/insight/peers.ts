/** Optuna's evaluators of importance on the same trials. */
import type { ChildRun } from '../../src/tracking/index.js'
import { askPython } from '../../test/long/oracle.js'
import { functions } from './functions.js'

const evaluators = `
import json, sys, warnings
warnings.filterwarnings('ignore')
import optuna
from optuna.distributions import CategoricalDistribution, FloatDistribution, IntDistribution
from optuna.importance import FanovaImportanceEvaluator, PedAnovaImportanceEvaluator
optuna.logging.set_verbosity(optuna.logging.ERROR)

def distribution(one):
    if one['type'] == 'categorical':
        return CategoricalDistribution(one['values'])
    log = one.get('scale') == 'log'
    return (IntDistribution if one['type'] == 'int' else FloatDistribution)(one['min'], one['max'], log=log)

def shares(study, params, evaluator):
    # A parameter that is not in every trial is passed over unless it is asked for, and cannot be asked for.
    try:
        told = evaluator.evaluate(study, params=params)
    except ValueError:
        told = {}
    whole = sum(told.values())
    return {name: value / whole for name, value in told.items()} if whole > 0 else {}

answers = []
for asked in json.load(sys.stdin):
    spaces = {name: distribution(one) for name, one in asked['parameters'].items()}
    study = optuna.create_study()
    for params, value in asked['trials']:
        study.add_trial(optuna.trial.create_trial(
            params=params, distributions={name: spaces[name] for name in params}, value=value))
    answers.append({'fanova': shares(study, None, FanovaImportanceEvaluator(seed=0)),
                    'pedAnova': shares(study, None, PedAnovaImportanceEvaluator())})
print(json.dumps(answers))
`

export interface PeerShares {
  readonly fanova: Readonly<Record<string, number>>
  readonly pedAnova: Readonly<Record<string, number>>
}

/** What each says of each list of trials. */
export function peerShares(asked: readonly { name: string; trials: readonly ChildRun[] }[]): PeerShares[] {
  return askPython<PeerShares[]>(
    evaluators,
    asked.map(({ name, trials }) => ({
      parameters: functions[name].parameters,
      trials: trials.map(({ params, value }) => [params, value]),
    })),
  )
}

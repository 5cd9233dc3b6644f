/** Importance beside Optuna's evaluators, and what health says of many ordinary sweeps. */
import { describe, expect, it } from 'vitest'
import { functions } from '../../bench/insight/functions.js'
import { insightOf } from '../../src/analysis/index.js'
import { importance, openStore, type SweepDefinition, sweep } from '../../src/index.js'
import type { ChildRun } from '../../src/tracking/index.js'
import type { Params } from '../../src/values.js'
import { byName, closedForms, recorded } from '../analysis/support.js'
import { dataFile, temporaryDirectory } from '../launch/support.js'
import { askPython, pythonHas } from './oracle.js'

const evaluators = `
import json, sys, warnings
warnings.filterwarnings('ignore')
import optuna
from optuna.distributions import CategoricalDistribution, FloatDistribution
from optuna.importance import FanovaImportanceEvaluator, PedAnovaImportanceEvaluator, get_param_importances
optuna.logging.set_verbosity(optuna.logging.ERROR)
asked = json.load(sys.stdin)
spaces = {name: CategoricalDistribution(one['values']) if one['type'] == 'categorical'
          else FloatDistribution(one['min'], one['max']) for name, one in asked['parameters'].items()}
study = optuna.create_study()
for params, value in asked['trials']:
    study.add_trial(optuna.trial.create_trial(params=params, distributions=spaces, value=value))
print(json.dumps({name: get_param_importances(study, evaluator=one) for name, one in
                  [('fanova', FanovaImportanceEvaluator(seed=0)), ('pedAnova', PedAnovaImportanceEvaluator())]}))
`
const { able, why } = pythonHas('optuna', 'sklearn')

interface Evaluated {
  readonly fanova: Readonly<Record<string, number>>
  readonly pedAnova: Readonly<Record<string, number>>
}

describe.skipIf(!able)(`importance beside Optuna’s evaluators${why}`, () => {
  it.each([
    ['ishigami', 400],
    ['linear', 100],
    ['oneOfTen', 100],
    ['categorical', 100],
  ] as const)('is as near to the closed form of %s', (name, n) => {
    const { parameters, value, total } = closedForms[name]
    const { sweep: parent, trials } = recorded(parameters, n, value)
    const theirs = askPython<Evaluated>(evaluators, {
      parameters,
      trials: trials.map((trial: ChildRun) => [trial.params, trial.value]),
    })
    const ours = byName(insightOf(parent, trials).parameters)
    const sum = Object.values(total).reduce((a, b) => a + b)
    const off = (share: (parameter: string) => number) =>
      Object.entries(total).reduce((all, [one, T]) => all + Math.abs(share(one) - T / sum) / 2, 0)
    const byUs = off((one) => ours[one].importance)
    const byThem = off((one) => theirs.fanova[one])
    console.log(name, 'off by', byUs.toFixed(3), 'fANOVA', byThem.toFixed(3))
    expect(byUs).toBeLessThan(0.05)
    expect(byUs).toBeLessThanOrEqual(byThem + 0.02)
    // Both PED-ANOVA put the same parameter first.
    const first = (shares: Readonly<Record<string, number>>) =>
      Object.entries(shares).reduce((a, b) => (b[1] > a[1] ? b : a))[0]
    const own = Object.fromEntries(
      Object.entries(ours).map(([one, { pedAnova }]) => [one, pedAnova!.importance]),
    )
    expect(first(own)).toBe(first(theirs.pedAnova))
  })
})

const { branin, mixed } = functions

describe('health', () => {
  it('has nothing grave to say of 48 ordinary sweeps, but for one', { timeout: 600_000 }, async () => {
    const store = await temporaryDirectory()
    const opened = await openStore(store)
    const said: string[] = []
    let sweeps = 0
    for (const algorithm of ['random', 'sobol', 'bayesian'] as const)
      for (let seed = 0; seed < 7; seed++)
        for (const [name, { parameters, value }] of Object.entries({ branin, mixed })) {
          const { run } = await sweep(
            {
              name,
              objective: { metric: 'loss', direction: 'minimize' },
              search: { algorithm, seed, trials: 50 },
              parameters,
            },
            { store, run: (params: Params) => ({ loss: value(params) }) },
          )
          const { health } = await importance(opened, run, { resamples: 0 })
          said.push(
            ...health.map(({ kind, severity }) => `${severity} ${kind} of ${name} by ${algorithm} ${seed}`),
          )
          sweeps++
        }
    for (const algorithm of ['random', 'bayesian'] as const)
      for (let seed = 0; seed < 3; seed++) {
        const knn: SweepDefinition = {
          name: 'wine',
          trainer: 'knn-classifier',
          data: { file: dataFile('wine.csv'), target: 'cultivar' },
          objective: { metric: 'logLoss' },
          search: { algorithm, seed, trials: 40 },
          parameters: {
            k: { type: 'int', min: 1, max: 40, scale: 'log' },
            scaling: { type: 'categorical', values: ['none', 'standard', 'minmax'] },
            weights: { type: 'categorical', values: ['uniform', 'distance'] },
          },
        }
        const { run } = await sweep(knn, { store })
        const { health } = await importance(opened, run, { resamples: 0 })
        said.push(
          ...health.map(({ kind, severity }) => `${severity} ${kind} of wine by ${algorithm} ${seed}`),
        )
        sweeps++
      }
    console.log(said.join('\n'))
    expect(sweeps).toBe(48)
    expect(said.filter((one) => one.startsWith('warning')).length).toBeLessThanOrEqual(1)
    expect(said.filter((one) => one.includes('ended-')).length).toBeLessThanOrEqual(7)
  })
})

/** What trials reported by step: learning curves of the selected ones, the best first. */
import { useEffect, useMemo, useState } from 'preact/hooks'
import { visible } from '../../../shown.js'
import type { TrialSteps } from '../../data/index.js'
import type { LoadedSweep } from '../loaded.js'
import { Choice, Slider, Toggle } from '../plots/controls.js'
import { countText } from '../plots/numbers.js'
import type { Frame } from '../plots/picture.js'
import { Plot } from '../plots/plot.js'
import { type Curve, curvesOf, stepsPicture, trainingUpTo } from '../plots/steps.js'
import { statusTest, trialAt } from '../plots/trial.js'
import { bestFirst } from '../ranking.js'
import { Nothing } from './shared.js'

/** Curves that are drawn at once. */
const most = 200
/** ms in which a brush that is dragged asks for nothing. */
const rest = 250

export function StepsView({ sweep }: { sweep: LoadedSweep }) {
  const head = sweep.head.value
  const { table } = sweep
  const { trials, wanted, selected } = useSteps(sweep)
  const [chosen, choose] = useState<string | null>(null)
  const [training, setTraining] = useState<string | null>(null)
  const [smoothing, setSmoothing] = useState(0)
  const [logX, setLogX] = useState(false)
  const [logY, setLogY] = useState(false)
  const names = useMemo(
    () => [...new Set((trials ?? []).flatMap(({ history }) => Object.keys(history)))],
    [trials],
  )
  const curves = useMemo(() => curvesOf(names), [names])
  const guessed = curves.find(({ main }) => main === chosen) ?? curves[0] ?? { main: '', training: null }
  const curve: Curve = {
    main: chosen ?? guessed.main,
    training: training === null ? guessed.training : training === '' ? null : training,
  }
  const step = stepWord(head.run.spec, trials ?? [])
  const options = { curve, logX, logY, smoothing, step }
  const picture = useMemo(
    () => (frame: Frame) => stepsPicture(frame, { head, table }, trials ?? [], options),
    [head, table, trials, curve.main, curve.training, logX, logY, smoothing, step],
  )
  if (trials === null) return <p class="plot-note">What trials reported by step is being read.</p>
  if (names.length === 0)
    return <Nothing title="By step" why="No selected trial reported anything by step." />
  const choices = names.map((name) => [name, visible(name)] as const)
  return (
    <Plot
      sweep={sweep}
      title={`By ${step}`}
      summary={summaryOf(trials.length, wanted, selected, curve, step)}
      height={360}
      picture={picture}
      data={() => stepsData(trials, names)}
    >
      <Choice
        label="metric"
        value={curve.main}
        options={choices}
        change={(value) => {
          choose(value)
          setTraining(null)
        }}
      />
      {names.length > 1 && (
        <Choice
          label="with"
          value={curve.training ?? ''}
          options={[['', 'nothing beside it'], ...choices.filter(([name]) => name !== curve.main)]}
          change={setTraining}
        />
      )}
      <Slider
        label="smooth"
        value={smoothing}
        min={0}
        max={0.95}
        step={0.05}
        text={smoothing === 0 ? 'not' : String(smoothing)}
        change={setSmoothing}
      />
      <Toggle label={`log axis of ${step}s`} value={logX} change={setLogX} />
      <Toggle label="log axis of values" value={logY} change={setLogY} />
    </Plot>
  )
}

/** Steps of the selected trials, those that run and then the best first; asked for again when the selection or the sweep has come to rest. */
function useSteps(sweep: LoadedSweep) {
  const [trials, setTrials] = useState<readonly TrialSteps[] | null>(null)
  const [asked, setAsked] = useState({ wanted: 0, selected: 0 })
  const mask = sweep.mask.value
  const stepped = sweep.stepped.value
  useEffect(() => {
    let current = true
    const wait = setTimeout(
      () => {
        const rows = bestFirst(sweep.table, sweep.head.peek().entry.objective.direction).filter(
          (row) => mask[row] === 1,
        )
        // Those that run have no value yet, and are what one looks at while it goes on.
        const runs = statusTest(sweep.table, 'running')
        const numbers = [...rows.filter(runs), ...rows.filter((row) => !runs(row))]
          .slice(0, most)
          .map((row) => trialAt(sweep.table, row))
        sweep.source.steps(sweep.id, numbers).then(
          (got) => {
            if (!current) return
            const place = new Map(numbers.map((trial, index) => [trial, index]))
            setTrials([...got].sort((a, b) => (place.get(a.trial) ?? 0) - (place.get(b.trial) ?? 0)))
            setAsked({ wanted: numbers.length, selected: rows.length })
          },
          () => {
            if (current) setTrials([])
          },
        )
      },
      trials === null ? 0 : rest,
    )
    return () => {
      current = false
      clearTimeout(wait)
    }
  }, [sweep, mask, stepped])
  return { trials, ...asked }
}

/** Where each trial is fitted once a fold and reports no further steps, steps are folds. */
function stepWord(spec: Readonly<Record<string, unknown>>, trials: readonly TrialSteps[]): string {
  const validation = spec.validation as { folds?: unknown; fits?: unknown } | null | undefined
  const fits = validation?.fits ?? validation?.folds
  if (typeof fits !== 'number') return 'step'
  const isFold = trials.every(({ history }) =>
    Object.values(history).every(({ steps }) => steps.length <= fits),
  )
  return isFold ? 'fold' : 'step'
}

function summaryOf(
  drawn: number,
  wanted: number,
  selected: number,
  { training }: Curve,
  step: string,
): string {
  const which =
    selected > wanted
      ? `Those that run and the best, ${countText(drawn)} of ${countText(selected)} selected trials, by ${step}.`
      : `${countText(drawn)} selected ${drawn === 1 ? 'trial' : 'trials'} by ${step}.`
  const missing = drawn < wanted ? ` ${countText(wanted - drawn)} reported nothing that is at hand.` : ''
  const dashed =
    training === null
      ? ''
      : drawn > trainingUpTo
        ? ` ${visible(training)} is drawn of the one that is pointed at.`
        : ` Dashed: ${visible(training)}.`
  return `${which}${missing}${dashed} A ring is where a trial was stopped early or is now, a cross where it failed.`
}

function stepsData(trials: readonly TrialSteps[], names: readonly string[]) {
  return {
    columns: ['trial', 'metric', 'step', 'value'],
    rows: trials.flatMap(({ trial, history }) =>
      names.flatMap((name) =>
        Object.hasOwn(history, name)
          ? history[name].steps.map((at, k) => [trial, name, at, history[name].values[k]])
          : [],
      ),
    ),
  }
}

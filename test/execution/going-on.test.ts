/** Programs that go on from a checkpoint come to what they come to without: reports, metrics, output and artifacts. */
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { createInlineExecutor } from '../../src/execution/index.js'
import { Capture } from '../../src/training/command/capture.js'
import type { FitPlan } from '../../src/training/index.js'
import type { Metrics } from '../../src/values.js'
import { temporaryFolder } from '../temporary.js'

interface Program {
  /** What it does at each of its steps; `$step` is its number. */
  readonly step: string
  /** Before the first step of its first start, and after the last one. */
  readonly first?: string
  readonly last?: string
  readonly steps?: number
  readonly reference?: object
}

const save = 'echo $((step + 1)) > "$state.new"; mv "$state.new" "$state"'
const report = (metrics: string) =>
  `${save}; echo "espalier: {\\"metric\\": ${metrics.replaceAll('"', '\\"')}, \\"step\\": $step}"; read -r answer`

/** What came of it, stopped at the report of each of these steps and begun again. */
async function outcomeOf(
  { step, first = '', last = '', steps = 5, reference = {} }: Program,
  stops: number[],
) {
  const folder = temporaryFolder()
  const script = `state=$ESPALIER_CHECKPOINT/state step=0
if [ -f "$state" ]; then read -r step < "$state"; else :
${first}
fi
while [ "$step" -lt ${steps} ]; do
${step}
step=$((step + 1))
done
${last}
exit 0`
  writeFileSync(join(folder, 'train.sh'), script)
  const plan: FitPlan = {
    trainer: { kind: 'command', command: ['sh', 'train.sh'], directory: folder, ...reference },
    data: null,
    resampling: null,
    seed: 1,
    objectiveMetric: 'loss',
    checkpoints: { folder: join(folder, 'checkpoints'), limitMB: 100 },
  } as FitPlan
  for (let attempt = 0; ; attempt++) {
    const stopAt = stops[attempt]
    const reports: [number, Metrics][] = []
    const stop = new AbortController()
    const executor = createInlineExecutor({ plan, workers: 1, memoryLimit: null })
    const outcome = await executor.run(
      { trial: 0, attempt, part: { kind: 'whole' }, params: { x: 1 }, timeLimit: Number.POSITIVE_INFINITY },
      {
        signal: stop.signal,
        onReport(at, metrics) {
          reports.push([at, metrics])
          if (at === stopAt) stop.abort()
          return 'continue'
        },
      },
    )
    await executor.close()
    if (stopAt !== undefined) {
      expect(outcome.status).toBe('aborted')
      continue
    }
    const { artifacts = [], notes = [] } = outcome
    return {
      status: outcome.status,
      metrics: outcome.status === 'finished' ? outcome.result.metrics : {},
      reason: outcome.status === 'failed' ? outcome.reason : null,
      reports,
      artifacts: Object.fromEntries(
        artifacts.map(({ name, content }) => [name, Buffer.from(content).toString()]),
      ),
      notes,
      wentOn: outcome.continued?.map(({ step }) => step) ?? [],
    }
  }
}

/** The same with and without, and that it went on from these steps. */
async function expectSame(program: Program, stops: number[]) {
  const whole = await outcomeOf(program, [])
  const { wentOn, ...stopped } = await outcomeOf(program, stops)
  expect(wentOn).toEqual(stops.map((step) => step - 1))
  const { wentOn: _, ...expected } = whole
  expect(stopped).toEqual(expected)
  return whole
}

describe('a program that goes on from a checkpoint comes to the same as one that was never stopped', () => {
  it('with output beyond what is kept of it', async () => {
    // 300 KB a step: the beginning ends in step 1, and much is left out by step 4.
    const print =
      'i=0; while [ $i -lt 3000 ]; do echo "$step $i 0123456789012345678901234567890123456789012345678901234567890123456789012345678901234567890123456789"; i=$((i + 1)); done'
    const { artifacts } = await expectSame(
      {
        step: `${print}\n${report('{"loss": $step}')}`,
        steps: 7,
        last: `echo 'espalier: {"final": {"loss": 1}}'`,
      },
      [2, 5, 6],
    )
    expect(artifacts['stdout.txt']).toContain('bytes are left out')
  }, 60_000)

  it('with a result that was said before, and is not said again', async () => {
    const best = '[ "$step" = 1 ] && echo \'espalier: {"final": {"loss": 0.25}}\''
    const { metrics } = await expectSame({ step: `${best}\n${report('{"loss": $step}')}` }, [3])
    expect(metrics).toEqual({ loss: 0.25 })
  }, 60_000)

  it('with two reports of a step, after one checkpoint', async () => {
    const second = `echo 'espalier: {"metric": {"accuracy": 0.5}, "step": '"$step"'}'; read -r answer`
    await expectSame(
      {
        step: `[ $step = 3 ] && sleep 0.3\n${report('{"loss": $step}')}; ${second}`,
        last: `echo 'espalier: {"final": {"loss": 1}}'`,
      },
      [3],
    )
  }, 60_000)

  it('with metrics that are printed by themselves, before their steps', async () => {
    // The first accuracy stands before the first step: each goes with the step to come.
    // It hears no answer: it waits for what is kept.
    const untilKept =
      'until ls -d "$ESPALIER_CHECKPOINT"/../kept-$((step + 1))-* > /dev/null 2>&1; do sleep 0.05; done'
    const reference = { metrics: { loss: 'loss=([0-9.]+)', accuracy: 'accuracy=([0-9.]+)' } }
    const { reports } = await expectSame(
      {
        reference,
        first: 'echo accuracy=0.0',
        step: `${save}; printf "loss=1.$step\\naccuracy=0.$step\\n"\n${untilKept}`,
      },
      [2],
    )
    expect(reports[2]).toEqual([2, { loss: 1.2, accuracy: 0.1 }])
  }, 60_000)

  it('with a line of JSON or a file as its result that was written in an earlier attempt', async () => {
    const step = `${report('{"accuracy": $step}')}`
    const object = '{"loss": 0.5}'
    const line = `[ "$step" = 1 ] && echo '${object}'\n${step}`
    expect(await expectSame({ reference: { result: 'json' }, step: line }, [3])).toMatchObject({
      metrics: { loss: 0.5 },
    })
    for (const name of ['out.json', '{directory}/out.json', '{checkpoint}/out.json']) {
      const at = name
        .replace('{directory}', '$ESPALIER_DIRECTORY')
        .replace('{checkpoint}', '$ESPALIER_CHECKPOINT')
      const file = `[ "$step" = 1 ] && echo '${object}' > "${at}"\n${step}`
      const whole = await expectSame({ reference: { result: { file: name } }, step: file }, [3])
      expect(whole, name).toMatchObject({ metrics: { loss: 0.5 } })
    }
  }, 60_000)

  it('with an artifact whose name cannot be kept: it fails at its end as it would have', async () => {
    const name = `[ "$step" = 0 ] && { echo a > a.txt; echo 'espalier: {"artifact": "a.txt", "name": "no/../name"}'; }`
    const whole = await expectSame(
      { step: `${name}\n${report('{"loss": $step}')}`, last: `echo 'espalier: {"final": {"loss": 1}}'` },
      [3],
    )
    expect(whole.status).toBe('failed')
    expect(whole.reports).toHaveLength(5)
  }, 60_000)

  it('with steps that are not whole: it is told the next whole one', async () => {
    const folder = temporaryFolder()
    const half = `${save}; echo "$ESPALIER_STEP" >> ${folder}/steps; echo "espalier: {\\"metric\\": {\\"loss\\": 1}, \\"step\\": $step.5}"; read -r answer`
    await expectSame({ step: half, last: `echo 'espalier: {"final": {"loss": 1}}'` }, [2.5])
    const steps = readFileSync(join(folder, 'steps'), 'utf8').split('\n').slice(0, -1)
    expect(steps.slice(-3)).toEqual(['2', '2', '2'])
  }, 60_000)
})

describe('what is kept of an output', () => {
  it('is the same in one piece and taken up in between', () => {
    const bytes = (from: number, count: number) =>
      Buffer.from(Array.from({ length: count }, (_, i) => (from + i) % 251))
    for (const cut of [0, 3, 10, 11, 19, 20, 21, 25, 40, 60]) {
      const whole = new Capture(20)
      const first = new Capture(20)
      for (const one of [whole, first]) one.add(bytes(0, cut))
      const second = new Capture(20)
      second.takeUp(first.content(), first.dropped)
      for (const one of [whole, second])
        for (let at = cut; at < 70; at += 7) one.add(bytes(at, Math.min(7, 70 - at)))
      expect(second.content().equals(whole.content()), String(cut)).toBe(true)
      expect(second.dropped).toBe(whole.dropped)
    }
  })
})

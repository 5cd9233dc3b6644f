/** From what a script says of itself to a sweep over it. */
import type { JsonObject } from '../../values.js'
import { seedOfDrafts } from '../init/division.js'
import type { Entry } from '../init/text.js'
import type { Choice, Searched, Written } from './choose.js'
import { directionOf, patternFor, type Telling } from './printed.js'
import type { ScriptHelp, ScriptOption } from './types.js'

export interface ScriptDraftOptions {
  readonly name: string
  /** The script as its command names it. */
  readonly script: string
  readonly command: readonly string[]
  readonly telling: Telling
  /** The metric to go by; found out unless stated. */
  readonly metric?: string
  readonly groups: ScriptHelp['groups']
  readonly trials: number
  readonly schema: string | null
}

export interface ScriptDraft {
  readonly metric: string
  readonly direction: 'minimize' | 'maximize'
  /** Where the metric comes from, in words. */
  readonly told: string
  readonly top: readonly string[]
  readonly entries: readonly Entry[]
}

/** The name of a metric of which nothing is known. */
const unknownMetric = 'loss'

export function draftScript(choice: Choice, options: ScriptDraftOptions): ScriptDraft {
  const { name, script, command, telling, groups, trials, schema } = options
  const metric = options.metric ?? telling.best ?? unknownMetric
  const direction = directionOf(metric)
  const { told, reading } = readingOf(metric, options)
  const first = Object.fromEntries(
    choice.searched.flatMap(({ name, first }) => (first === null ? [] : [[name, first]])),
  )
  const entries: Entry[] = [
    ...(schema === null ? [] : [{ key: '$schema', value: schema }]),
    { key: 'name', value: name },
    {
      key: 'trainer',
      entries: [
        {
          key: 'command',
          comment: [
            'Run once a trial, without a shell, in the folder of this file.',
            ...choice.missing.map(
              ({ value }) =>
                `Put in what is to stand for ${JSON.stringify(value)}: the script has to be given it.`,
            ),
            ...writtenComment(choice.written),
          ],
          value: [...command],
        },
        ...reading,
      ],
    },
    { key: 'objective', comment: [told], value: { metric, direction } },
    {
      key: 'search',
      entries: [
        { key: 'trials', value: trials },
        { key: 'seed', value: seedOfDrafts },
        ...(Object.keys(first).length === 0
          ? []
          : [
              {
                key: 'enqueue',
                comment: firstTrialComment(choice),
                items: [first],
              },
            ]),
      ],
    },
    {
      key: 'parameters',
      comment: [
        'Ranges are guessed around the defaults: look at each.',
        ...(choice.kept.length === 0 ? [] : ['Not searched, and as the script has them:']),
        ...choice.kept.map(({ option, why }) => `- ${option}: ${why}`),
        ...groupLines(groups),
      ],
      entries: choice.searched.map((one) => ({
        key: one.name,
        comment: commentOf(one),
        value: one.parameter as JsonObject,
      })),
    },
  ]
  const top = [
    `A sweep over ${script}, drafted by \`espalier init\` from what its --help says. Everything in it may be changed; \`espalier space check\` tells what does not fit.`,
  ]
  return { metric, direction, told, top, entries }
}

/** What is done with what trials write, and how to keep it. */
function writtenComment(written: readonly Written[]): string[] {
  if (written.length === 0) return []
  const names = written.map(({ option }) => option)
  const hasCheckpoint = names.some((name) => /ckpt|checkpoint/i.test(name))
  return [
    `What ${names.length === 1 ? names[0] : `${names.slice(0, -1).join(', ')} and ${names.at(-1)}`} names is written to {directory}, a folder of each trial's own that is empty at its start and removed at its end: trials run at the same time, and would write over each other's files and read them.`,
    'To keep a file, let the script print a line with its path, and it goes to the record of its trial: espalier: {"artifact": "PATH", "name": "model.bin"}. Or write outputs/{trial} for {directory}: that is a folder here, which the script has to make, and in which the next sweep finds what this one left.',
    ...(hasCheckpoint
      ? [
          'A script that goes on from what it finds there may have {checkpoint}, which is kept at every step for when the trial is interrupted: docs/programs.md, "Checkpoints".',
        ]
      : []),
  ]
}

/** argparse tells no default unless it is asked to, and the search draws what `enqueue` leaves open. */
function firstTrialComment(choice: Choice): string[] {
  return [firstTrial(choice), ...fromSource(choice)]
}

function fromSource({ searched }: Choice): string[] {
  const names = searched.flatMap(({ name, option }) => (option.source?.gaveDefault === true ? [name] : []))
  if (names.length === 0) return []
  return [
    `Read from its source, as its help does not tell ${names.length === 1 ? 'this default' : 'these defaults'}: ${names.join(', ')}.`,
  ]
}

function firstTrial(choice: Choice): string {
  const drawn = choice.searched.filter(({ first }) => first === null).map(({ name }) => name)
  if (drawn.length === 0) return 'The first trial has what the script does by itself.'
  const them = drawn.length === 1 ? 'it' : 'them'
  return `The first trial has what the script does by itself, but for ${drawn.join(', ')}: no default within ${drawn.length === 1 ? 'its range' : 'their ranges'} is told by its help${choice.searched.some(({ option }) => option.source !== null) ? ' or its source' : ''}. Put ${them} in; the search draws what is not here.`
}

/** How the metric gets here. */
function readingOf(
  metric: string,
  { script, telling, metric: stated }: ScriptDraftOptions,
): { told: string; reading: Entry[] } {
  if (telling.kind === 'reports') {
    const told =
      stated === undefined && telling.best === null
        ? `${script} reports to Espalier: put in the name of the metric that its result has.`
        : `${script} reports it to Espalier.`
    return { told, reading: [] }
  }
  if (telling.kind === 'json')
    return {
      told: `${script} seems to print its result as a line of JSON with "${metric}".`,
      reading: [{ key: 'result', comment: ['The last line of JSON that it prints.'], value: 'json' }],
    }
  const isFound = Object.hasOwn(telling.patterns, metric)
  const patterns = isFound ? telling.patterns : { [metric]: patternFor(metric), ...telling.patterns }
  const told = isFound
    ? `${script} seems to print "${metric}"; its pattern in "metrics" reads it.`
    : `What ${script} prints of how well it went was not found in it: put the name into "objective", and its pattern into "metrics".`
  const comment = [
    'Read from the lines it prints: the number in the brackets. Each match of the objective is a step.',
  ]
  return {
    told,
    reading: [
      {
        key: 'metrics',
        comment,
        entries: Object.entries(patterns).map(([key, value]) => ({ key, value })),
      },
    ],
  }
}

function commentOf({ option, note }: Searched): string[] {
  const says = [option.says, defaultOf(option), note ?? ''].filter((part) => part !== '').join('; ')
  return says === '' ? [] : [`${says[0].toUpperCase()}${says.slice(1)}${/[.!?]$/.test(says) ? '' : '.'}`]
}

function defaultOf({ default: given, source }: ScriptOption): string {
  if (given === null) return ''
  if (source?.gaveDefault !== true) return `default ${given}`
  return `default ${given} in its source${source.contradicts === null ? '' : `, where its help says ${source.contradicts}`}`
}

function groupLines(groups: ScriptHelp['groups']): string[] {
  return Object.entries(groups).map(
    ([name, options]) =>
      `- the group ${name}: to search over it, "${name}": ${JSON.stringify({ type: 'categorical', values: options })} here and "${name}={${name}}" in "command"; keys of one option alone need a "when"`,
  )
}

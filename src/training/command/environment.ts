/** The environment of a program: what it inherits, what its sweep file sets, and its trial's own. */
import { type Params, textOf } from '../../values.js'

/** Letters of the Latin alphabet that are no letter with a mark, as they are written without. */
const latin: Readonly<Record<string, string>> = {
  ...{ ß: 'ss', ẞ: 'SS', æ: 'ae', Æ: 'AE', œ: 'oe', Œ: 'OE', ø: 'o', Ø: 'O', đ: 'd', Đ: 'D', ð: 'd', Ð: 'D' },
  ...{ ł: 'l', Ł: 'L', þ: 'th', Þ: 'Th', ı: 'i' },
}

/**
 * `learningRate` → `ESPALIER_PARAM_LEARNING_RATE`, `größe` → `ESPALIER_PARAM_GROSSE`, `学习` → `ESPALIER_PARAM_U5B66_U4E60`,
 * `optimizer/lr` → `ESPALIER_PARAM_OPTIMIZER_LR`.
 *
 * Words begin where a capital follows a small letter or a digit, and at anything that is neither letter nor digit;
 * Latin letters lose their accents, any other letter or digit is a word of its own: its code point after a U.
 */
export function environmentName(parameter: string): string {
  const ascii = parameter
    .normalize('NFKD')
    .replace(/\p{M}/gu, '')
    .replace(/[^\p{ASCII}]/gu, (letter) => latin[letter] ?? codeOf(letter))
    .replace(/^ | $/g, '')
  const words = ascii
    .replace(/([a-z0-9])([A-Z])/g, '$1_$2')
    .replace(/[^A-Za-z0-9]+/g, '_')
    .toUpperCase()
  return `ESPALIER_PARAM_${words}`
}

function codeOf(letter: string): string {
  return /[\p{L}\p{N}]/u.test(letter) ? ` u${letter.codePointAt(0)!.toString(16)} ` : '_'
}

/** One variable for each active parameter. */
export function paramsEnvironment(params: Params): Record<string, string> {
  return Object.fromEntries(
    Object.entries(params).map(([name, value]) => [environmentName(name), textOf(value)]),
  )
}

/**
 * Variables that no program inherits: of the queue that fits may come by, which are no matter of its own, and those of
 * another trial, where Espalier itself is run by one.
 */
const keptBack = /^ESPALIER_(?:PARAM_.*|QUEUE|QUEUE_SECRET|SEAT|DEVICE|BEGUN_AS)$/

/** Which rank a process is of those that srun or mpirun began, and the step of Slurm that it belongs to. */
const rankVariables = ['OMPI_COMM_WORLD_RANK', 'PMI_RANK', 'SLURM_PROCID', 'SLURM_STEP_ID']

/**
 * What a program inherits of this process's environment. Where this process is itself one of several, as a worker begun by
 * srun is, the program is told, and does not take that for a rank of its own.
 */
export function inheritedEnvironment(): NodeJS.ProcessEnv {
  const { env } = process
  const ranks = rankVariables.flatMap((name) => (env[name] === undefined ? [] : [[name, env[name]]]))
  return {
    ...Object.fromEntries(Object.entries(env).filter(([name]) => !keptBack.test(name))),
    ...(ranks.length > 0 && { ESPALIER_BEGUN_AS: JSON.stringify(Object.fromEntries(ranks)) }),
  }
}

/** Data that stands in the document itself: a report, which opens from a file and needs no network (data/api.ts). */
import { decodeParcel, type ReportData, reportElement, surfaceKey, TrialTable } from '../data/index.js'
import type { Source } from './source.js'

/** null where the document holds no data: then it is the live page. */
export function reportSource(
  element: Element | null = document.getElementById(reportElement),
): Source | null {
  if (element === null) return null
  const read = readReport(element.textContent ?? '')
  const sweepOf = async (sweep: string) => {
    const { data, tables } = await read
    const at = data.sweeps.findIndex(({ head }) => head.run.id === sweep)
    if (at < 0) throw new Error(`This report has no sweep ${JSON.stringify(sweep)}.`)
    return { ...data.sweeps[at], table: tables[at] }
  }
  /** Of all sweeps: known once they have been read. */
  let artifacts: ReadonlyMap<string, string> = new Map()
  const known = read.then(({ data }) => {
    artifacts = new Map(data.sweeps.flatMap((sweep) => Object.entries(sweep.artifacts)))
  })
  known.catch(() => {})
  return {
    live: false,
    async facts() {
      const { version, store } = (await read).data
      return { version, store, readOnly: true, called: 'espalier', storeArgument: '' }
    },
    async sweeps() {
      const { data } = await read
      return data.sweeps.map(({ head }) => head.entry)
    },
    head: async (sweep) => (await sweepOf(sweep)).head,
    async table(sweep) {
      const { head, table } = await sweepOf(sweep)
      return { head, table: TrialTable.decode(table), place: null }
    },
    leftOut: async (sweep) => (await sweepOf(sweep)).leftOut,
    async insight(sweep, metric) {
      const { head, insights } = await sweepOf(sweep)
      const wanted = metric ?? head.run.objective.metric
      if (!Object.hasOwn(insights, wanted))
        throw new Error(
          `This report says what mattered for ${Object.keys(insights).join(', ')}, and not for ${wanted}; the live page does: espalier dashboard`,
        )
      return insights[wanted]
    },
    async surface(sweep, x, y, metric) {
      const { head, surfaces } = await sweepOf(sweep)
      return surfaces[surfaceKey(metric ?? head.run.objective.metric, x, y)] ?? null
    },
    async steps(sweep, trials) {
      const wanted = new Set(trials)
      return (await sweepOf(sweep)).steps.filter(({ trial }) => wanted.has(trial))
    },
    async trial(sweep, trial) {
      const { trials, leftOut } = await sweepOf(sweep)
      const found = trials.find((one) => one.trial === trial)
      if (found === undefined)
        throw new Error(
          `This report has no record of trial ${trial}${leftOut === null ? '' : ` (${leftOut})`}.`,
        )
      return found
    },
    artifact: (run, name) => artifacts.get(`${run}/${name}`) ?? null,
    async artifactText(run, name) {
      await known
      const address = artifacts.get(`${run}/${name}`)
      if (address === undefined) throw new Error('This report leaves the file out.')
      return new TextDecoder().decode(bytesOf(address.slice(address.indexOf(',') + 1)))
    },
    watch: () => () => {},
    act: () =>
      Promise.reject(new Error('A report cannot be acted on; open the live page: espalier dashboard')),
  }
}

async function readReport(text: string): Promise<{ data: ReportData; tables: Uint8Array[] }> {
  const stream = new Blob([bytesOf(text.trim())]).stream().pipeThrough(new DecompressionStream('gzip'))
  const bytes = new Uint8Array(await new Response(stream).arrayBuffer())
  const { document, parts } = decodeParcel<ReportData>(bytes)
  return { data: document, tables: parts }
}

function bytesOf(base64: string): Uint8Array<ArrayBuffer> {
  const text = atob(base64)
  const bytes = new Uint8Array(text.length)
  for (let i = 0; i < text.length; i++) bytes[i] = text.charCodeAt(i)
  return bytes
}

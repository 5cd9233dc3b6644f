/**
 * A search space of Ray Tune as a sweep file. Ray keeps none in a file: it is the JSON that docs/importing.md writes of one in three
 * lines, each domain as `{"_type": its class, …its attributes}`.
 */
import { basename, extname } from 'node:path'
import { readWrittenFile } from '../../../launch/index.js'
import { isJsonObject, type JsonObject, type JsonValue } from '../../../values.js'
import {
  bellOf,
  choiceOf,
  constantOf,
  type Fault,
  multiplesOf,
  rangeOf,
  type Taken,
} from '../distributions.js'
import { found, objectIn, type Path, telling } from '../told.js'
import type { SweepImporter } from '../types.js'

type Entries = Readonly<Record<string, unknown>>

export const importRay: SweepImporter = async (file) => {
  const { value } = await readWrittenFile(file)
  const told = telling(file, 'a search space of Ray Tune, as docs/importing.md writes it')
  const space = objectIn(value, told)
  const kinds = new Set<'grid' | 'sampled'>()
  const parameters: Record<string, JsonValue> = {}
  const read = (entries: Entries, path: Path, before: string): void => {
    for (const [key, entry] of Object.entries(entries)) {
      const at = [...path, key]
      const name = `${before}${key}`
      if (isJsonObject(entry) && !('_type' in entry) && !isGridSearch(entry)) {
        if (Object.keys(entry).length === 0) told.warn(at, 'an object with nothing in it is left out')
        read(entry, at, `${name}/`)
        continue
      }
      const taken = takenOf(entry, kinds)
      if ('fault' in taken) told.wrong(at, taken.fault)
      else {
        if (taken.loss !== undefined) told.warn(at, taken.loss)
        parameters[name] = taken.parameter
      }
    }
  }
  read(space, [], '')
  if (Object.keys(parameters).length === 0)
    told.wrong([], 'a search space must have a parameter (it has none)')
  told.refuse()
  const isGrid = kinds.has('grid') && !kinds.has('sampled')
  if (kinds.has('grid') && !isGrid)
    told.warn(
      [],
      'Ray tries every value of a grid_search with each sample of the others; here the search chooses among them',
    )
  told.warn(
    [],
    'the space says neither what is run nor what is optimised: add "trainer" (docs/programs.md) and "objective", and how many trials there are to be ("search": {"trials": …})',
  )
  const sweep: JsonObject = {
    name: basename(file, extname(file)),
    ...(isGrid && { search: { algorithm: 'grid' } }),
    parameters,
  }
  return { sweep, warnings: told.warnings }
}

function isGridSearch(entry: Entries): boolean {
  return Object.keys(entry).length === 1 && 'grid_search' in entry
}

function takenOf(entry: unknown, kinds: Set<'grid' | 'sampled'>): Taken | Fault {
  if (isJsonObject(entry) && '_type' in entry) {
    kinds.add('sampled')
    return domainOf(entry)
  }
  if (!isJsonObject(entry))
    return hasDomain(entry) ? inside(entry) : { parameter: constantOf(entry as JsonValue) }
  const values = entry.grid_search
  kinds.add('grid')
  return listOf('"grid_search"', values)
}

function domainOf(entry: Entries): Taken | Fault {
  switch (entry._type) {
    case 'Float':
    case 'Integer':
      return numbersOf(entry, entry._type === 'Integer')
    case 'Categorical':
      return listOf('"categories"', entry.categories)
    case 'Function':
      return {
        fault:
          'a function (tune.sample_from) is code, and is not taken over; write a domain or a list of values in its place',
      }
    default:
      return {
        fault: `"_type" must be Float, Integer or Categorical, as Ray's domains are (${found(entry._type)})`,
      }
  }
}

function listOf(what: string, values: unknown): Taken | Fault {
  if (!Array.isArray(values) || values.length === 0)
    return { fault: `${what} must be a list that is not empty (${found(values)})` }
  return hasDomain(values) ? inside(values) : choiceOf(values as JsonValue[])
}

/** Whether a domain stands somewhere within a value. */
function hasDomain(value: unknown): boolean {
  if (Array.isArray(value)) return value.some(hasDomain)
  return isJsonObject(value) && ('_type' in value || Object.values(value).some(hasDomain))
}

function inside(value: unknown): Fault {
  return {
    fault: `what is searched must be a parameter of its own, and not stand within a value (${found(value)}); give it a name beside the others`,
  }
}

function numbersOf({ lower, upper, sampler }: Entries, whole: boolean): Taken | Fault {
  const quantised = isJsonObject(sampler) && sampler._type === 'Quantized' ? sampler : null
  const inner = quantised === null ? sampler : quantised.sampler
  const kind = isJsonObject(inner) ? inner : {}
  const q = quantised === null ? undefined : quantised.q
  if (q !== undefined && !(typeof q === 'number' && q > 0))
    return { fault: `"q" must be a number above 0 (${found(q)})` }
  const name = String(kind._type ?? '').replace(/^.*\._/, '')
  if (name === 'Normal') {
    const { mean, sd } = kind
    if (typeof mean === 'number' && typeof sd === 'number') return bellOf({ mean, deviation: sd, q })
    return { fault: `"mean" and "sd" must be numbers (${found(mean)} and ${found(sd)})` }
  }
  if (name !== 'Uniform' && name !== 'LogUniform' && sampler !== undefined && sampler !== null)
    return { fault: `the sampler must be uniform, log-uniform or normal (${found(sampler)})` }
  if (typeof lower !== 'number' || typeof upper !== 'number')
    return { fault: `"lower" and "upper" must be numbers (${found(lower)} and ${found(upper)})` }
  const log = name === 'LogUniform'
  // The top of whole numbers is not among them, but where they are quantised by more than 1.
  if (whole && (q === undefined || q === 1)) {
    if (lower < upper) return rangeOf(Math.ceil(lower), Math.ceil(upper) - 1, { whole, log })
    return {
      fault: `"upper", which is not among the values, must be above "lower" (got ${upper} and ${lower})`,
    }
  }
  return q === undefined
    ? rangeOf(lower, upper, { log })
    : multiplesOf(lower, upper, q, { log, ends: 'inside' })
}

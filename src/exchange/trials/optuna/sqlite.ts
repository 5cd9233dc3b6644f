/** Optuna's SQLite file (RDBStorage), read as it lies, without its process: schemas of Optuna 2.4 and later. */
import { stat } from 'node:fs/promises'
import type { Database, SqlValue } from 'sql.js'
import { EspalierError } from '../../../errors.js'
import { utcTime } from '../time.js'
import { type Distribution, outward, parseDistribution } from './distributions.js'
import { parsePython } from './python-json.js'
import { type OptunaState, type OptunaStorage, type OptunaStudy, type OptunaTrial, states } from './study.js'

/** Whether these are the bytes of an SQLite file. */
export function isSqlite(bytes: Uint8Array): boolean {
  return new TextDecoder('latin1').decode(bytes.subarray(0, 16)) === 'SQLite format 3\0'
}

/**
 * Opens it.
 * @throws EspalierError USAGE where part of it lies in another file beside it; DATA_INVALID where it holds no studies.
 */
export async function readSqlite(bytes: Buffer, path: string, file: string): Promise<OptunaStorage> {
  await refuseHalf(path, file)
  const { default: initialise } = await import('sql.js')
  const sql = await initialise()
  // A file of the mode "wal" is read like any other once the log beside it is empty, but not opened from memory.
  const own = Buffer.from(bytes)
  own.fill(1, 18, 20)
  const database = new sql.Database(own)
  try {
    return await storageOf(database, file)
  } catch (error) {
    database.close()
    if (error instanceof EspalierError) throw error
    throw new EspalierError(
      'DATA_INVALID',
      `${file} cannot be read as an SQLite file of Optuna: ${(error as Error).message}; look at it with "optuna studies --storage sqlite:///${file}"`,
      { cause: error },
    )
  }
}

/** What was written last may not have reached the file itself. */
async function refuseHalf(path: string, file: string): Promise<void> {
  for (const [ending, remedy] of [
    [
      '-wal',
      `end what writes it, then: python -c "import sqlite3; sqlite3.connect('${file}').execute('PRAGMA wal_checkpoint(TRUNCATE)')"`,
    ],
    [
      '-journal',
      `end what writes it, then: python -c "import sqlite3; sqlite3.connect('${file}').execute('SELECT count(*) FROM studies').fetchall()"`,
    ],
  ]) {
    const beside = await stat(path + ending).catch(() => null)
    if (beside === null || beside.size === 0) continue
    throw new EspalierError(
      'USAGE',
      `a study is read from one file (part of ${file} still lies in ${file}${ending}, ${beside.size} bytes); ${remedy}`,
    )
  }
}

type Row = Record<string, SqlValue>

async function storageOf(database: Database, file: string): Promise<OptunaStorage> {
  const rows = (query: string, ...bound: SqlValue[]): Row[] => {
    const statement = database.prepare(query, bound)
    const found: Row[] = []
    while (statement.step()) found.push(statement.getAsObject())
    statement.free()
    return found
  }
  const tables = new Set(rows("SELECT name FROM sqlite_master WHERE type = 'table'").map(({ name }) => name))
  if (!tables.has('studies') || !tables.has('trials'))
    throw new EspalierError(
      'DATA_INVALID',
      `a file of Optuna has the tables "studies" and "trials" (${file} has ${[...tables].slice(0, 5).join(', ') || 'none'}); name the file of sqlite:///…`,
    )
  if (!tables.has('study_directions') || !tables.has('trial_intermediate_values'))
    throw new EspalierError(
      'DATA_INVALID',
      `files of Optuna 2.6 and later are read (${file} is of an earlier version); upgrade a copy of it: optuna storage upgrade --storage sqlite:///${file}`,
    )
  const [version] = tables.has('version_info') ? rows('SELECT library_version FROM version_info') : []
  const written = String(version?.library_version ?? '')
  // Times are without a zone: of the machine until version 5, in UTC since then.
  const zone = Number.parseInt(written, 10) >= 5 ? 'utc' : 'local'
  const studies = rows('SELECT study_id, study_name FROM studies ORDER BY study_id')
  const warnings =
    zone === 'utc'
      ? []
      : [
          `it was made by Optuna ${written || 'of an unknown version'}, whose times are without a time zone: they are taken as of this machine`,
        ]
  return {
    names: studies.map((study) => String(study.study_name)),
    study: (name) => {
      const { study_id } = studies.find((study) => study.study_name === name)!
      return studyOf(rows, study_id, name, zone)
    },
    warnings,
  }
}

function studyOf(
  rows: (query: string, ...bound: SqlValue[]) => Row[],
  id: SqlValue,
  name: string,
  zone: 'utc' | 'local',
): OptunaStudy {
  const attrs = (kind: 'user' | 'system') =>
    Object.fromEntries(
      rows(`SELECT key, value_json FROM study_${kind}_attributes WHERE study_id = ?`, id).map((row) => [
        String(row.key),
        parsePython(String(row.value_json)),
      ]),
    )
  const directions = rows('SELECT direction FROM study_directions WHERE study_id = ? ORDER BY objective', id)
  /** Rows of a table of the trials' own, by trial. */
  const ofTrials = (table: string, order: string): Map<SqlValue, Row[]> => {
    const found = new Map<SqlValue, Row[]>()
    const query = `SELECT one.* FROM ${table} AS one JOIN trials USING (trial_id) WHERE trials.study_id = ? ORDER BY ${order}`
    for (const row of rows(query, id)) {
      const list = found.get(row.trial_id)
      if (list === undefined) found.set(row.trial_id, [row])
      else list.push(row)
    }
    return found
  }
  const params = ofTrials('trial_params', 'one.param_id')
  const values = ofTrials('trial_values', 'one.objective')
  const intermediate = ofTrials('trial_intermediate_values', 'one.step')
  const user = ofTrials('trial_user_attributes', 'one.trial_user_attribute_id')
  const system = ofTrials('trial_system_attributes', 'one.trial_system_attribute_id')
  const known = new Map<string, Distribution>()
  const distributionOf = (text: string) => {
    const found = known.get(text) ?? parseDistribution(text)
    known.set(text, found)
    return found
  }
  const trials = rows('SELECT * FROM trials WHERE study_id = ? ORDER BY trial_id', id).map(
    (row, i): OptunaTrial => {
      const own = (params.get(row.trial_id) ?? []).map((one) => {
        const distribution = distributionOf(String(one.distribution_json))
        return {
          name: String(one.param_name),
          distribution,
          value: outward(distribution, Number(one.param_value)),
        }
      })
      const ends = values.get(row.trial_id)?.map(({ value, value_type }) => numberOf(value, value_type))
      return {
        number: row.number === null ? i : Number(row.number),
        state: stateOf(row.state),
        values: ends ?? null,
        params: new Map(own.map((one) => [one.name, one.value])),
        distributions: new Map(own.map((one) => [one.name, one.distribution])),
        intermediate: (intermediate.get(row.trial_id) ?? []).map(
          (one) => [Number(one.step), numberOf(one.intermediate_value, one.intermediate_value_type)] as const,
        ),
        started: row.datetime_start === null ? null : utcTime(String(row.datetime_start), zone),
        completed: row.datetime_complete === null ? null : utcTime(String(row.datetime_complete), zone),
        userAttrs: attributes(user.get(row.trial_id)),
        systemAttrs: attributes(system.get(row.trial_id)),
      }
    },
  )
  return {
    name,
    directions: directions.map(({ direction }) =>
      direction === 'MINIMIZE' ? 'minimize' : direction === 'MAXIMIZE' ? 'maximize' : null,
    ),
    userAttrs: attrs('user'),
    systemAttrs: attrs('system'),
    trials: trials.sort((a, b) => a.number - b.number),
  }
}

function attributes(rows: readonly Row[] = []): Record<string, unknown> {
  return Object.fromEntries(rows.map((row) => [String(row.key), parsePython(String(row.value_json))]))
}

function stateOf(state: SqlValue): OptunaState {
  const found = states.find((one) => one === state)
  if (found !== undefined) return found
  throw new EspalierError(
    'DATA_INVALID',
    `a trial of Optuna is ${states.join(', ')} (got ${JSON.stringify(state)}); is the file of a newer version?`,
  )
}

/** SQLite has no numbers that are not finite: they stand as their kind. Before version 3 they had none. */
function numberOf(value: SqlValue, kind: SqlValue | undefined): number {
  if (kind === 'INF_POS') return Number.POSITIVE_INFINITY
  if (kind === 'INF_NEG') return Number.NEGATIVE_INFINITY
  return kind === 'NAN' || value === null ? Number.NaN : Number(value)
}

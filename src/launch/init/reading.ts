/**
 * How a file is to be read: what was stated, and what makes numbers or dates of columns of texts, which is found out here and written
 * into the sweep file.
 */
import {
  type DataInspection,
  type InspectionOptions,
  inspectData,
  type ReadingOptions,
} from '../../data/index.js'
import { isEspalierError } from '../../errors.js'

/** What is written into the sweep file of how its data is read. */
export type Reading = Omit<ReadingOptions, 'format'>

export interface Look {
  readonly inspection: DataInspection
  /** What was stated, and what was found out beside it. */
  readonly reading: Reading
  readonly found: Reading
}

/** Looks at a file, once more where something makes more of its columns. Throws what inspecting it throws. */
export async function lookAt(file: string, options: InspectionOptions, stated: Reading): Promise<Look> {
  let found: Reading = {}
  let inspection = await inspectData(file, { ...options, ...stated })
  for (;;) {
    const more = { ...hinted(inspection, { ...stated, ...found }), ...found }
    if (Object.keys(more).length === Object.keys(found).length) break
    try {
      inspection = await inspectData(file, { ...options, ...stated, ...more })
    } catch (error) {
      // With these marks its numbers could be read in two ways: somebody has to say how.
      if (isEspalierError(error) && error.code === 'DATA_INVALID') break
      throw error
    }
    found = more
  }
  return { inspection, reading: { ...stated, ...found }, found }
}

/** What the hints say of what is not stated. */
function hinted({ hints }: DataInspection, stated: Reading): Reading {
  const { units, thousands, dateFormats, skipLines } = hints
  // Of two formats a person has to choose.
  const dated = Object.entries(dateFormats).flatMap(([column, formats]) =>
    formats.length === 1 ? [[column, formats[0]]] : [],
  )
  return {
    ...(skipLines.length > 0 && stated.skipLines === undefined && { skipLines }),
    ...(units.length > 0 && stated.units === undefined && { units }),
    ...(thousands !== null && stated.thousands === undefined && { thousands }),
    ...(dated.length > 0 && stated.dateFormat === undefined && { dateFormat: Object.fromEntries(dated) }),
  }
}

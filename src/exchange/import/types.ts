/** What the import of another tool's sweep file gives. */
import type { JsonObject } from '../../values.js'

export interface ImportedSweep {
  /** A sweep file of Espalier, valid. */
  readonly sweep: JsonObject
  /** What could not be carried over as it was, each with what was done instead. */
  readonly warnings: readonly string[]
}

export interface ImportOptions {
  /** The folder the sweep file is going to lie in, absolute: paths in it start there. The working directory unless stated. */
  readonly directory?: string
  /** What runs the script where the other tool's file leaves it open; as that tool has it unless stated. */
  readonly interpreter?: string
}

/** Reads a tool's file, absolute. */
export type SweepImporter = (
  file: string,
  options: ImportOptions & { readonly directory: string },
) => Promise<ImportedSweep>

/**
 * What a fit leaves names files where the sweep's owner has them, not in a folder of a worker that is gone by the time they are read: the
 * reason of a failure, the module of a model, what was logged and printed. So it is the same wherever a fit was done.
 */
import { pathToFileURL } from 'node:url'
import type { FitOutcome } from '../execution/index.js'
import { printedNames } from '../names.js'
import type { FitArtifact, FitResult } from '../training/index.js'
import { isJsonObject, type JsonValue } from '../values.js'

/** Where the code of a sweep lies on this machine, and where it comes from. */
export interface Moved {
  readonly here: string
  readonly there: string
}

export function namedThere(outcome: FitOutcome, moved: Moved): FitOutcome {
  if (moved.there === '') return outcome
  const named = (text: string) => textNamed(text, moved)
  const { artifacts } = outcome
  const left = { ...outcome, ...(artifacts && { artifacts: artifacts.map((one) => fileNamed(one, moved)) }) }
  switch (left.status) {
    case 'failed':
      return { ...left, reason: named(left.reason), ...(left.log && { log: left.log.map(named) }) }
    case 'pruned':
      return {
        ...left,
        result: left.result && resultNamed(left.result, moved),
        ...(left.log && { log: left.log.map(named) }),
      }
    case 'finished':
      return { ...left, result: resultNamed(left.result, moved) }
    case 'aborted':
      return left
  }
}

function textNamed(text: string, { here, there }: Moved): string {
  return text
    .replaceAll(pathToFileURL(here).href, () => pathToFileURL(there).href)
    .replaceAll(here, () => there)
}

function resultNamed(result: FitResult, moved: Moved): FitResult {
  const log = result.log.map((line) => textNamed(line, moved))
  return { ...result, log, model: modelNamed(result.model, moved) }
}

/** Whoever loads it imports the module that it names. */
function modelNamed(model: JsonValue, moved: Moved): JsonValue {
  if (!isJsonObject(model) || !isJsonObject(model.trainer)) return model
  const { file } = model.trainer
  if (typeof file !== 'string') return model
  return { ...model, trainer: { ...model.trainer, file: textNamed(file, moved) } } as JsonValue
}

/** What a program printed; any other file is as it was left. */
function fileNamed(artifact: FitArtifact, moved: Moved): FitArtifact {
  if (!printedNames.includes(artifact.name)) return artifact
  const bytes = Buffer.from(artifact.content)
  if (!bytes.includes(moved.here)) return artifact
  // A character for each byte, so that what is no text stays as it is.
  const text = bytes.toString('latin1')
  const inBytes = (path: string) => Buffer.from(path).toString('latin1')
  const named = text.replaceAll(inBytes(moved.here), () => inBytes(moved.there))
  return { ...artifact, content: new Uint8Array(Buffer.from(named, 'latin1')) }
}

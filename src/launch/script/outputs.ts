/**
 * Options that name a place a script writes to. Trials run side by side, so that each has to be given a place of its own: its
 * scratch folder, which is empty at the start and gone at the end.
 */
import { wordsOf } from './roles.js'
import type { ScriptOption } from './types.js'

/** A place of the trial's own for an option, or why it is left as the script has it; there `value` is what might be given. */
export type Output = { readonly value: string } | { readonly leftOut: string; readonly value: string | null }

const ownFolder = '{directory}'

/** What ends the name of a place. */
const folderWords = /(^|_)(dir|dirs|directory|folder|dirname|outdir|logdir|savedir|workdir)$/
const fileWords = /(^|_)(file|files|filename|csv|json|jsonl|yaml|log|pt|pth|ckpt|npz|pkl)$/
const place = '(dir|directory|folder|path|file|filename|root|prefix|csv|json|jsonl|to|as)'
const writtenThings =
  '(out|outputs?|saves?|export|dump|logs?|logging|results?|tensorboard|tb|summary|artifacts?|runs?|exp|experiments?|work|working|history|metrics|predictions?|preds?|plots?|figures?|figs?|snapshots?)'
/** They are written to, and not read. */
const surely = new RegExp(
  `^(out|outputs?|o|save|export|dump|results?|outdir|logdir|savedir|workdir|${writtenThings}(_\\w+)?_${place}|default_root_dir|\\w+(?<!drop|fan|hold|time)_(out|outdir|logdir|savedir))$`,
)
/** They are as often where a fit goes on from. */
const perhaps = new RegExp(`^(checkpoints?|ckpts?|(checkpoints?|ckpts?)_(\\w+_)?${place}|model_dir)$`)
/** No place to write to, whatever else is in the name. */
const readThings =
  /(^|_)(load|resume|restore|pretrained|init|from|in|inputs?|data|datasets?|cache|config|cfg|train|val|valid|test|vocab|tokenizer|corpus|images?|labels?|every|freq|interval|steps|limit|strategy|format|name|only|best|model)(_|$)/
const readsIt = /\b(load|loads|loaded|resum\w*|restor\w*|pre-?trained|start(s|ing)? from|initiali[sz]e\w*)\b/i
const writesIt =
  /\b(to|be|are|is) (saved?|writ(e|ten)|dump(ed)?|export(ed)?|stored)\b|\b(saves?|writes?|dumps?|exports?) (\S+ ){0,6}(to|in|into)\b|\boutput (dir|directory|folder|file|path)\b/i

/** null: it names no place to write to. */
export function outputOf(option: ScriptOption, style: 'options' | 'overrides'): Output | null {
  const { flag, takes, choices, type, says, required, source } = option
  if (takes !== 'one' || choices !== null || (type !== null && !/^(text|path|folder)$/.test(type)))
    return null
  const given = /^(none|null|nil|undefined|)$/i.test(option.default ?? '') ? null : option.default
  if (given !== null && /^([-+]?\.?\d[\d.]*(e[-+]?\d+)?|true|false)$/i.test(given)) return null
  const name = wordsOf(style === 'overrides' ? flag.split('.').at(-1)! : flag).join('_')
  const last = flag.includes('.') ? wordsOf(flag.split('.').at(-1)!).join('_') : name
  const writes = writesIt.test(says)
  const isSure = surely.test(last) && (writes || !readThings.test(last.replace(/^(save|output)_model_/, '')))
  const isWritten =
    isSure ||
    (!readsIt.test(says) &&
      (perhaps.test(last) ||
        (writes &&
          !/(^|_)(data|datasets?|cache|config|cfg|inputs?)(_|$)/.test(last) &&
          isPlace(option, last))))
  if (!isWritten)
    return perhaps.test(last) && readsIt.test(says)
      ? { leftOut: 'it names files or data', value: null }
      : null
  const value = placeFor(option, last, given)
  if (given !== null && /^(-|std(out|err)|\/dev\/.*|\w+:\/\/.*)$/.test(given))
    return { value, leftOut: `it writes to ${given}` }
  // Hydra's own folder of a run is the trial's.
  if (given !== null && /\$\{(hydra:(runtime\.output_dir|run\.dir)|now:)/.test(given))
    return { value, leftOut: "it is in Hydra's folder of the run" }
  const isOpen = !isSure && !writes
  const unsure = { value, leftOut: 'it writes, or is read: its help does not say which' }
  if (isOpen && last === 'model_dir') return unsure
  if (required || given !== null) return { value }
  const isUnset = option.default !== null || source?.isUnset === true
  if (isUnset && (style === 'overrides' || value !== ownFolder || source?.isOnlyIfGiven === true))
    return { value, leftOut: 'it is not set unless it is given' }
  return isOpen ? unsure : { value }
}

/** An argument without a name that must be given, where its name says that it is written to. */
export function outputOfArgument(name: string): string | null {
  const words = wordsOf(name).join('_')
  if (!surely.test(words) || readThings.test(words)) return null
  return folderWords.test(words) ? ownFolder : `${ownFolder}/${words}`
}

function isPlace({ type }: ScriptOption, name: string): boolean {
  return type === 'path' || type === 'folder' || new RegExp(`(^|_)${place}$`).test(name)
}

/** The folder itself, which is there already, or a name in it where it may be a file's. */
function placeFor({ type, says }: ScriptOption, name: string, given: string | null): string {
  const base = given?.split(/[/\\]/).at(-1) ?? ''
  const isFile = /\w\.[A-Za-z][A-Za-z0-9]{0,9}$/.test(base)
  if (!isFile) {
    const isFolder = folderWords.test(name) || type === 'folder' || (given !== null && /^\.{0,2}$/.test(base))
    if (isFolder || (!fileWords.test(name) && /\b(director(y|ies)|folders?)\b/i.test(says))) return ownFolder
  }
  // What stands in braces there is the script's own.
  const kept = /^[\w.{}%:-]+$/.test(base) ? base.replace(/\{[A-Za-z_][\w.-]*\}/g, '{$&}') : name
  return `${ownFolder}/${kept === '' ? name : kept}`
}

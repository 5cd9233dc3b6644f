/** The help of a script, by what it looks like. */
import { isHydra, readHydra } from './hydra.js'
import { readOptionList } from './option-list.js'
import type { ScriptHelp } from './types.js'

export function readHelp(printed: string): ScriptHelp {
  const text = plainText(printed)
  return isHydra(text) ? readHydra(text) : readOptionList(text)
}

/** Without colours, letters struck over, and the line ends of Windows. */
function plainText(printed: string): string {
  return (
    printed
      // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is taken out.
      .replace(/\u001b(?:\[[0-?]*[ -/]*[@-~]|\][^\u0007\u001b]*(?:\u0007|\u001b\\))/g, '')
      // biome-ignore lint/suspicious/noControlCharactersInRegex: a letter, and the same over it.
      .replace(/.\u0008/g, '')
      .replace(/\r\n?/g, '\n')
      .replace(/\t/g, '        ')
  )
}

/** The laws of a searcher, told with vitest, for one that is made from its settings. */
import * as vitest from 'vitest'
import { createSearcher, type SearchSettings } from '../../src/search/index.js'
import { type LawOptions, searcherLaws as laws } from '../../src/testing/searcher.js'

export type MakeSettings = (overrides: Partial<SearchSettings>) => SearchSettings

export function searcherLaws(name: string, makeSettings: MakeSettings, options: LawOptions = {}): void {
  laws(vitest, name, (space, settings) => createSearcher(space, makeSettings(settings)), options)
}

/** What the whole page shares, for parts deep in it. */
import { createContext } from 'preact'
import { useContext } from 'preact/hooks'
import type { App } from './app.js'

export const AppContext = createContext<App | null>(null)

export function useApp(): App {
  return useContext(AppContext)!
}

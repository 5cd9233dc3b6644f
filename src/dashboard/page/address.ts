/** The address of the page: what it says, and how it changes. */
import { effect, signal } from '@preact/signals'
import { formatRoute, parseRoute, type Route } from './routes.js'

export const route = signal<Route>(parseRoute(location.hash))

/** The list of sweeps as it was looked at last: what leads back to it leads there. */
export const listAddress = signal('#/')
effect(() => {
  if (route.value.page === 'sweeps') listAddress.value = formatRoute(route.value)
})

/** Goes to another place, which `back` comes back from. */
export function go(to: Route): void {
  const address = formatRoute(to)
  if (address === location.hash) return
  history.pushState(null, '', address)
  route.value = to
}

/** Says where one is in another way, without a step that `back` would undo. */
export function correct(to: Route): void {
  const address = formatRoute(to)
  if (address === location.hash) return
  history.replaceState(null, '', address)
  route.value = to
}

/** Follows links, `back` and what is typed into the address. */
export function followAddress(): void {
  for (const event of ['hashchange', 'popstate'])
    addEventListener(event, () => {
      if (location.hash !== formatRoute(route.peek())) route.value = parseRoute(location.hash)
    })
}

/** How far each page is scrolled, so that whoever comes back to it is where he was. */
import type { Route } from './routes.js'

/** px, by page. */
const places = new Map<string, number>()

/** Pages of which something is kept: however the list is ordered, or the sweep is looked at, it is the same page. */
export function pageKey(route: Route): string {
  if (route.page === 'trial') return `trial ${route.trial} of ${route.sweep}`
  return route.page === 'sweep' ? `sweep ${route.sweep}` : route.page
}

/** Keeps where the page that is shown is scrolled to; returns how to stop. */
export function followScroll(shown: () => Route): () => void {
  // The browser would do it before the page is drawn.
  history.scrollRestoration = 'manual'
  const keep = () => places.set(pageKey(shown()), scrollY)
  addEventListener('scroll', keep, { passive: true })
  return () => removeEventListener('scroll', keep)
}

/** From a trial back to its sweep, or to the list, it is as it was left; any other page begins at its top. */
export function scrollFor(from: Route, to: Route): number {
  const isBack =
    (to.page === 'sweep' && from.page === 'trial' && from.sweep === to.sweep) ||
    (to.page === 'sweeps' && from.page !== 'sweeps')
  return isBack ? (places.get(pageKey(to)) ?? 0) : 0
}

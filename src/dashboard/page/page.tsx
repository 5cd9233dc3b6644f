/** The page that the address names. */
import { useSignalEffect } from '@preact/signals'
import { plain } from '../../shown.js'
import { route } from './address.js'
import type { App } from './app.js'
import { AppContext } from './context.js'
import { BegunPage } from './pages/begun.js'
import { ComparePage } from './pages/compare.js'
import { SweepPage } from './pages/sweep.js'
import { SweepsPage } from './pages/sweeps.js'
import { TrialPage } from './pages/trial.js'
import { NotFound, WrongPage } from './pages/wrong.js'
import { Frame } from './parts/frame.js'
import { doneOf } from './sweep-list.js'

export function Page({ app }: { readonly app: App }) {
  useSignalEffect(() => {
    document.title = titleOf(app)
  })
  return (
    <AppContext.Provider value={app}>
      <Frame>
        {app.failure.value === null ? (
          <Routed app={app} />
        ) : (
          <NotFound what="The page" problem={app.failure.value} />
        )}
      </Frame>
    </AppContext.Provider>
  )
}

function Routed({ app }: { readonly app: App }) {
  const at = route.value
  const display = app.display.value
  switch (at.page) {
    case 'sweeps':
      return <SweepsPage wishes={at.wishes} />
    case 'begun':
      return <BegunPage id={at.id} />
    case 'compare':
      return <ComparePage sweeps={at.sweeps} />
    case 'wrong':
      return <WrongPage address={at.address} problem={at.problem} />
    case 'sweep':
      return display === null ? null : <SweepPage key={at.sweep} display={display} onOpen={display.open} />
    case 'trial':
      return display === null ? null : <TrialPage key={at.sweep} display={display} trial={at.trial} />
  }
}

/** What a tab of the browser says: how far the sweep is that one waits for. */
function titleOf({ display }: App): string {
  const at = route.value
  if (at.page === 'compare') return 'Compared · Espalier'
  const head = display.value?.head.value
  if (head == null || !('sweep' in at)) return 'Espalier'
  const { status, planned, best, name } = { ...head.entry, status: head.run.status }
  const done = doneOf(head.entry)
  const progress = status !== 'running' ? '' : planned === null ? `${done} ` : `${done}/${planned} `
  const of =
    at.page === 'trial'
      ? `trial ${at.trial} · `
      : best === null
        ? ''
        : `${Number(best.value.toPrecision(5))} · `
  return plain(`${progress}${of}${name} · Espalier`)
}

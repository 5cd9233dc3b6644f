/** A sweep that is about to begin, whose id nobody knows yet: as soon as it is there, the page is its page. */
import { useEffect } from 'preact/hooks'
import { correct, listAddress } from '../address.js'
import { useApp } from '../context.js'
import { plainView } from '../routes.js'
import { firstBegun } from '../sweep-list.js'

export function BegunPage({ after }: { readonly after: number }) {
  const { sweeps } = useApp()
  const id = firstBegun(sweeps.value ?? [], after)?.id
  useEffect(() => {
    if (id !== undefined) correct({ page: 'sweep', sweep: id, view: plainView })
  }, [id])
  return (
    <div class="empty">
      <h1>The sweep is about to begin</h1>
      <p>This page shows it as soon as it does.</p>
      <p>
        <a href={listAddress.value}>To all sweeps</a>
      </p>
    </div>
  )
}

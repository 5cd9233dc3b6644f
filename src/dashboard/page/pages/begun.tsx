/** A sweep that is about to begin: as soon as it is there, the page is its page. */
import { useEffect } from 'preact/hooks'
import { correct, listAddress } from '../address.js'
import { useApp } from '../context.js'
import { plainView } from '../routes.js'

export function BegunPage({ id }: { readonly id: string }) {
  const { sweeps } = useApp()
  const isThere = sweeps.value?.some((sweep) => sweep.id === id) === true
  useEffect(() => {
    if (isThere) correct({ page: 'sweep', sweep: id, view: plainView })
  }, [id, isThere])
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

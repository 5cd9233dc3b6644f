/** What can be asked of one trial. */
import { useState } from 'preact/hooks'
import type { RunStatus } from '../../../tracking/index.js'
import type { Act } from '../../data/index.js'
import { useApp } from '../context.js'
import { askFor, NoteDialog, TagDialog } from './acts.js'
import { Dialog } from './dialog.js'

interface TrialActsProps {
  readonly sweep: string
  readonly trial: number
  readonly status: RunStatus
  readonly tags: Readonly<Record<string, string>>
}

export function TrialActs({ sweep, trial, status, tags }: TrialActsProps) {
  const app = useApp()
  const [asked, setAsked] = useState<'end' | 'tag' | 'note' | null>(null)
  const close = () => setAsked(null)
  const act = (what: Act) => {
    close()
    askFor(app, sweep, what)
  }
  return (
    <div class="acts">
      <fieldset class="buttons" aria-label="Acts">
        {status === 'running' && (
          <button type="button" onClick={() => setAsked('end')}>
            End …
          </button>
        )}
        <button type="button" onClick={() => setAsked('tag')}>
          Tag …
        </button>
        <button type="button" onClick={() => setAsked('note')}>
          Note …
        </button>
      </fieldset>
      {asked === 'end' && (
        <Dialog
          title={`End trial ${trial}?`}
          confirm="End it"
          onClose={close}
          onConfirm={() => act({ kind: 'end-trial', trial })}
        >
          <p>It is stopped where it is; the sweep goes on.</p>
        </Dialog>
      )}
      {asked === 'tag' && <TagDialog trial={trial} tags={tags} onClose={close} onAct={act} />}
      {asked === 'note' && <NoteDialog trial={trial} tags={tags} onClose={close} onAct={act} />}
    </div>
  )
}

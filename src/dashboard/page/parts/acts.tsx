/** What can be asked of a sweep while it is looked at: each is put on its record by the process that holds it. */
import type { ReadonlySignal } from '@preact/signals'
import { useState } from 'preact/hooks'
import { tagNames } from '../../../names.js'
import { plain } from '../../../shown.js'
import type { Act, SweepHead } from '../../data/index.js'
import type { App } from '../app.js'
import { useApp } from '../context.js'
import { messageOf, type OpenSweep } from '../open-sweep.js'
import { Dialog } from './dialog.js'
import { EnqueueDialog } from './enqueue.js'

type Asked = 'stop' | 'extend' | 'enqueue' | 'tag' | 'note'

interface ActsProps {
  readonly head: SweepHead
  readonly loaded: ReadonlySignal<OpenSweep | null>
}

export function Acts({ head, loaded }: ActsProps) {
  const app = useApp()
  const [asked, setAsked] = useState<Asked | null>(null)
  const { id, status, tags } = head.run
  const close = () => setAsked(null)
  const act = (what: Act) => {
    close()
    askFor(app, id, what)
  }
  const runs = status === 'running'
  return (
    <div class="acts">
      <fieldset class="buttons" aria-label="Acts">
        {runs && <Button name="stop" onAsk={setAsked} text="Stop …" />}
        {runs && <Button name="extend" onAsk={setAsked} text="Extend …" />}
        {runs && <Button name="enqueue" onAsk={setAsked} text="Try params …" />}
        <Button name="tag" onAsk={setAsked} text="Tag …" />
        <Button
          name="note"
          onAsk={setAsked}
          text={tags[tagNames.note] === undefined ? 'Note …' : 'Change the note …'}
        />
      </fieldset>
      {asked === 'stop' && (
        <Dialog
          title="Stop this sweep?"
          confirm="Stop"
          onClose={close}
          onConfirm={() => act({ kind: 'stop' })}
        >
          <p>
            As Ctrl-C in its terminal: trials that run end first, no further one begins, and the sweep can be
            resumed.
          </p>
        </Dialog>
      )}
      {asked === 'extend' && <ExtendDialog onClose={close} onAct={act} />}
      {asked === 'enqueue' && <EnqueueDialog head={head} sweep={loaded.value} onClose={close} onAct={act} />}
      {asked === 'tag' && <TagDialog trial={null} tags={tags} onClose={close} onAct={act} />}
      {asked === 'note' && <NoteDialog trial={null} tags={tags} onClose={close} onAct={act} />}
    </div>
  )
}

interface ButtonProps {
  readonly name: Asked
  readonly text: string
  readonly onAsk: (name: Asked) => void
}

function Button({ name, text, onAsk }: ButtonProps) {
  return (
    <button type="button" onClick={() => onAsk(name)}>
      {text}
    </button>
  )
}

/** Asks for it, and says what became of it. */
export async function askFor({ source, said }: App, sweep: string, act: Act): Promise<void> {
  said.value = 'asked …'
  try {
    said.value = await source.act(sweep, act)
  } catch (error) {
    said.value = `Refused: ${messageOf(error)}`
  }
}

interface ActDialogProps {
  readonly onClose: () => void
  readonly onAct: (act: Act) => void
}

function ExtendDialog({ onClose, onAct }: ActDialogProps) {
  const [by, setBy] = useState(10)
  return (
    <Dialog
      title="Extend this sweep"
      confirm="Extend"
      onClose={onClose}
      onConfirm={() => onAct({ kind: 'extend', by })}
    >
      <label class="field">
        Further trials
        <input
          type="number"
          min="1"
          step="1"
          required
          value={by}
          onInput={(event) => setBy(event.currentTarget.valueAsNumber)}
        />
      </label>
    </Dialog>
  )
}

interface LabelDialogProps extends ActDialogProps {
  /** null: of the sweep. */
  readonly trial: number | null
  readonly tags: Readonly<Record<string, string>>
}

export function TagDialog({ trial, tags, onClose, onAct }: LabelDialogProps) {
  const [name, setName] = useState('')
  const [value, setValue] = useState('')
  const own = Object.keys(tags).filter((one) => !one.startsWith('espalier.'))
  return (
    <Dialog
      title={trial === null ? 'Tag this sweep' : `Tag trial ${trial}`}
      confirm="Set the tag"
      onClose={onClose}
      onConfirm={() => onAct({ kind: 'tag', trial, tags: { [name]: value } })}
    >
      <label class="field">
        Name
        <input type="text" required value={name} onInput={(event) => setName(event.currentTarget.value)} />
      </label>
      <label class="field">
        Value
        <input type="text" value={value} onInput={(event) => setValue(event.currentTarget.value)} />
      </label>
      {own.length > 0 && (
        <ul class="chips" aria-label="Tags that are set">
          {own.map((one) => (
            <li key={one} class="chip">
              {plain(one)}
              <button
                type="button"
                aria-label={`Take the tag ${plain(one)} away`}
                onClick={() => onAct({ kind: 'tag', trial, tags: { [one]: null } })}
              >
                ×
              </button>
            </li>
          ))}
        </ul>
      )}
    </Dialog>
  )
}

export function NoteDialog({ trial, tags, onClose, onAct }: LabelDialogProps) {
  const [text, setText] = useState(tags[tagNames.note] ?? '')
  return (
    <Dialog
      title={trial === null ? 'Note on this sweep' : `Note on trial ${trial}`}
      confirm="Keep the note"
      onClose={onClose}
      onConfirm={() => onAct({ kind: 'note', trial, text })}
    >
      <label class="field">
        Note; an empty one is taken away
        <textarea rows={4} value={text} onInput={(event) => setText(event.currentTarget.value)} />
      </label>
    </Dialog>
  )
}

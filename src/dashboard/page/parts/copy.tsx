/** A command of the terminal, with a button that copies it. */
import { useState } from 'preact/hooks'
import { plain } from '../../../shown.js'

export function Command({ text, label }: { readonly text: string; readonly label?: string }) {
  const [copied, setCopied] = useState(false)
  const copy = async () => {
    if (!(await copyText(text))) return
    setCopied(true)
    setTimeout(() => setCopied(false), 2000)
  }
  return (
    <div class="command">
      {label !== undefined && <span class="command-label">{label}</span>}
      <code>{plain(text)}</code>
      <button type="button" class="quiet" onClick={copy} aria-label={`Copy the command ${plain(text)}`}>
        {copied ? 'copied' : 'copy'}
      </button>
    </div>
  )
}

/** False where the browser does not allow it. */
async function copyText(text: string): Promise<boolean> {
  try {
    await navigator.clipboard.writeText(text)
    return true
  } catch {
    // Pages from files have no clipboard in some browsers: there the selected text of a field is copied.
    const field = document.createElement('textarea')
    field.value = text
    document.body.append(field)
    field.select()
    const done = document.execCommand('copy')
    field.remove()
    return done
  }
}

/** Files that are kept with a run: text, JSON, tables and pictures are shown, as text and never as markup; all can be saved. */
import { useEffect, useState } from 'preact/hooks'
import { bytes, count } from '../../../format.js'
import { plain } from '../../../shown.js'
import type { Artifact, Run } from '../../../tracking/index.js'
import { shownType } from '../../data/index.js'
import { useApp } from '../context.js'
import { firstRows } from '../csv-rows.js'
import { indentedJson } from '../indented-json.js'
import { messageOf } from '../open-sweep.js'
import { Lines, Scrolls } from './scrolls.js'

/** Characters of a text that are shown, and rows of a table. */
const mostText = 200_000
const mostRows = 100

export function Artifacts({ run }: { readonly run: Pick<Run, 'id' | 'artifacts'> }) {
  if (run.artifacts.length === 0) return null
  return (
    <div class="artifacts">
      <h3>Files</h3>
      {run.artifacts.map((artifact) => (
        <ArtifactView key={artifact.name} run={run.id} artifact={artifact} />
      ))}
    </div>
  )
}

interface ArtifactProps {
  readonly run: string
  readonly artifact: Artifact
}

function ArtifactView({ run, artifact: { name, bytes: size } }: ArtifactProps) {
  const { source } = useApp()
  const [isOpen, setOpen] = useState(false)
  const address = source.artifact(run, name)
  const kind = kindOf(name)
  const label = (
    <>
      <code>{plain(name)}</code> <span class="muted">{bytes(size)}</span>
    </>
  )
  if (address === null)
    return (
      <p class="artifact">
        {label} <span class="muted">not in this report</span>
      </p>
    )
  const save = (
    <a href={source.live ? `${address}?download` : address} download={name.split('/').at(-1)}>
      save
    </a>
  )
  if (kind === 'other')
    return (
      <p class="artifact">
        {label} {save}
      </p>
    )
  return (
    <details class="artifact" onToggle={(event) => setOpen(event.currentTarget.open)}>
      <summary>{label}</summary>
      {isOpen && (
        <>
          {kind === 'image' ? (
            <img src={address} alt={plain(name)} />
          ) : (
            <ArtifactText run={run} name={name} kind={kind} />
          )}
          <p>{save}</p>
        </>
      )}
    </details>
  )
}

interface TextProps {
  readonly run: string
  readonly name: string
  readonly kind: 'text' | 'json' | 'table'
}

function ArtifactText({ run, name, kind }: TextProps) {
  const { source } = useApp()
  const [text, setText] = useState<string | null>(null)
  const [problem, setProblem] = useState<string | null>(null)
  useEffect(() => {
    source.artifactText(run, name).then(setText, (error) => setProblem(messageOf(error)))
  }, [source, run, name])
  if (problem !== null) return <p class="problem">{plain(problem)}</p>
  if (text === null) return <p class="muted">coming …</p>
  if (kind === 'table') return <TableOfText name={name} text={text} />
  const shown = kind === 'json' ? indentedJson(text) : text
  return (
    <>
      <Lines label={plain(name)} text={shown.slice(0, mostText)} />
      {shown.length > mostText && <p class="muted">The rest is in the file.</p>}
    </>
  )
}

function TableOfText({ name, text }: { readonly name: string; readonly text: string }) {
  const { rows, more } = firstRows(text, name.endsWith('.tsv') ? '\t' : ',', mostRows + 1)
  const [header = [], ...body] = rows
  return (
    <>
      <Scrolls label={plain(name)}>
        <table class="plain-table">
          <thead>
            <tr>
              {header.map((cell, i) => (
                <th key={i} scope="col">
                  {plain(cell)}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {body.map((row, i) => (
              <tr key={i}>
                {row.map((cell, j) => (
                  <td key={j}>{plain(cell)}</td>
                ))}
              </tr>
            ))}
          </tbody>
        </table>
      </Scrolls>
      {more && <p class="muted">{`The first ${count(mostRows, 'row')}; the rest is in the file.`}</p>}
    </>
  )
}

function kindOf(name: string): 'text' | 'json' | 'table' | 'image' | 'other' {
  const type = shownType(name)
  if (type === null) return 'other'
  if (type.startsWith('image/')) return 'image'
  if (type.startsWith('application/json')) return 'json'
  return type.startsWith('text/csv') || /\.tsv$/i.test(name) ? 'table' : 'text'
}

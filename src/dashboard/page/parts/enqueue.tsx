/** Params to be tried next: a field for each parameter, with those of the best to begin with, or all of them as JSON. */
import { useId, useState } from 'preact/hooks'
import { number } from '../../../format.js'
import { plain } from '../../../shown.js'
import { isJsonObject, type JsonValue, type Params, textOf } from '../../../values.js'
import type { Act, ParameterFacts, SweepHead } from '../../data/index.js'
import { messageOf, type OpenSweep } from '../open-sweep.js'
import { valuesByText } from '../rows.js'
import { Dialog } from './dialog.js'

interface EnqueueProps {
  readonly head: SweepHead
  /** null until its trials have come. */
  readonly sweep: OpenSweep | null
  readonly onClose: () => void
  readonly onAct: (act: Act) => void
}

export function EnqueueDialog({ head, sweep, onClose, onAct }: EnqueueProps) {
  const [texts, setTexts] = useState<Readonly<Record<string, string>>>(() => startingTexts(head, sweep))
  const [json, setJson] = useState<string | null>(null)
  const [problem, setProblem] = useState<string | null>(null)
  const confirm = () => {
    try {
      onAct({ kind: 'enqueue', params: json === null ? paramsOf(head, texts) : parsed(json) })
    } catch (error) {
      setProblem(messageOf(error))
    }
  }
  return (
    <Dialog title="Params to try next" confirm="Try them" onClose={onClose} onConfirm={confirm}>
      <p class="muted">Leave empty what is not active with the other values; all that is active is needed.</p>
      {json === null ? (
        <div class="fields">
          {head.parameters.map((parameter) => (
            <ParamField
              key={parameter.name}
              parameter={parameter}
              text={texts[parameter.name] ?? ''}
              onText={(text) => setTexts({ ...texts, [parameter.name]: text })}
            />
          ))}
        </div>
      ) : (
        <label class="field">
          Params as JSON
          <textarea
            class="code"
            rows={12}
            spellcheck={false}
            value={json}
            onInput={(event) => setJson(event.currentTarget.value)}
          />
        </label>
      )}
      {problem !== null && (
        <p class="problem" role="alert">
          {plain(problem)}
        </p>
      )}
      {json === null && (
        <button
          type="button"
          class="quiet"
          onClick={() => setJson(JSON.stringify(paramsOf(head, texts), null, 2))}
        >
          Write them as JSON
        </button>
      )}
    </Dialog>
  )
}

interface FieldProps {
  readonly parameter: ParameterFacts
  readonly text: string
  readonly onText: (text: string) => void
}

function ParamField({
  parameter: { name, kind, integer, min, max, values, when },
  text,
  onText,
}: FieldProps) {
  const id = useId()
  const range = min === null || max === null ? '' : `${number(min)} to ${number(max)}`
  const facts = [range, when === null ? '' : `when ${plain(when)}`].filter((part) => part !== '').join(', ')
  return (
    <div class="field">
      <label for={id}>
        {plain(name)} <span class="muted">{facts}</span>
      </label>
      {kind === 'category' ? (
        <select id={id} value={text} onChange={(event) => onText(event.currentTarget.value)}>
          <option value="" />
          {(values ?? []).map((one) => (
            <option key={one} value={one}>
              {plain(one)}
            </option>
          ))}
        </select>
      ) : (
        <input
          id={id}
          type="number"
          min={min ?? undefined}
          max={max ?? undefined}
          step={integer ? 1 : 'any'}
          value={text}
          onInput={(event) => onText(event.currentTarget.value)}
        />
      )}
    </div>
  )
}

/** Those of the best; where there is none, what is stated as the default. */
function startingTexts({ parameters, entry }: SweepHead, sweep: OpenSweep | null): Record<string, string> {
  const row = entry.best === null ? undefined : sweep?.table.rowOf(entry.best.trial)
  return Object.fromEntries(
    parameters.map(({ name, default: stated }) => {
      const value = row === undefined ? stated : sweep!.table.cell(`params.${name}`, row)
      return [name, value === null ? '' : textOf(value)]
    }),
  )
}

function paramsOf(head: SweepHead, texts: Readonly<Record<string, string>>): Params {
  const given = head.parameters.filter(({ name }) => (texts[name] ?? '') !== '')
  return Object.fromEntries(
    given.map(({ name, kind }): [string, JsonValue] => {
      const text = texts[name]
      if (kind === 'number') return [name, Number(text)]
      const values = valuesByText(head, name)
      return [name, values.has(text) ? values.get(text)! : text]
    }),
  )
}

function parsed(json: string): Params {
  const params: unknown = JSON.parse(json)
  if (!isJsonObject(params)) throw new Error('params are a JSON object, such as {"k": 3}')
  return params as Params
}

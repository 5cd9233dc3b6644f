/**
 * A model as one file of Python without dependencies, for 3.8 and later, which predicts the same to the last bit: `predict`, `predict_proba`, and
 * a script for files of rows. It is put together from the parts of runtime/ that the model needs, and the model's numbers.
 */
import type { ExportedModel, ModelExporter } from '../export/types.js'
import type { CalibrationFile, FittedModel, ModelFile } from '../model-file/types.js'
import {
  call,
  dictionary,
  double,
  doubles,
  type Expression,
  list,
  named,
  text,
  texts,
  truth,
  tuple,
  whole,
  wholes,
} from './expressions.js'
import { givesProbabilities, hasPowers, learnerOf } from './learners.js'
import { runtimeFor } from './parts.js'
import { columnsOf, kindOf, preparation, rulesOf } from './rows.js'

export const exportPython: ModelExporter = async (model) => pythonModel(model)

function pythonModel(model: ModelFile): ExportedModel {
  const hasSuch = model.members.some(({ model: { trainer, learned } }) => hasPowers(trainer, learned))
  return {
    format: 'python',
    files: new Map([['model.py', pythonSource(model)]]),
    isFolder: false,
    warnings: hasSuch
      ? [
          'the polynomial kernel of libsvm with a degree of 3 or more: the last digits of its powers differ between versions of Node, and in Python they are the nearest ones; all else is equal to the last bit',
        ]
      : [],
  }
}

/** The text of the file: the same for the same model. */
export function pythonSource(model: ModelFile): string {
  const { columns, classes, target } = model.signature
  const hasProbabilities = classes !== null && everyProbability(model)
  const fixed = named('_RULES')
  const rules = rulesOf(model.signature)
  const readers = columnsOf(model.signature, { ...fixed, uses: new Set() })
  const answers =
    classes === null
      ? call('_number_answers', modelOf(model))
      : call('_class_answers', answeringBy(model, classes), { text: 'CLASSES', uses: new Set() })
  const uses = [...rules.uses, ...readers.uses, ...answers.uses]
  const functions = ['predict', ...(hasProbabilities ? ['predict_proba'] : []), '_main']
  const { imports, bodies } = runtimeFor([...uses, ...functions])
  const kinds = dictionary(columns.map((column) => [column.name, text(kindOf(column))]))
  const data = [
    `# The columns of a row, and what their cells hold.\nSIGNATURE = ${kinds.text}`,
    `# In the order of the probabilities; None where numbers are predicted.\nCLASSES = ${classes === null ? 'None' : texts(classes).text}`,
    `TARGET = ${text(target).text}`,
    `_RULES = ${rules.text}`,
    `_COLUMNS = ${readers.text}`,
    `_PROBABILITIES = ${hasProbabilities ? '_probabilities' : 'None'}`,
    `_answers = ${answers.text}`,
  ]
  return [
    `${heading(model, hasProbabilities)}\n${imports.join('\n')}`,
    ...bodies.slice(0, -1),
    data.join('\n\n'),
    `${bodies.at(-1)}\n`,
  ].join('\n\n\n')
}

function heading({ members, isEnsemble, signature }: ModelFile, hasProbabilities: boolean): string {
  const names = [...new Set(members.map(({ model }) => model.trainer))].sort().join(', ')
  const made = isEnsemble ? `an ensemble of ${members.length} models (${names})` : `a ${names}`
  // A docstring ends at three quotes, and a backslash means something in it.
  const target = text(signature.target).text
  return `"""Predicts ${target.replaceAll('\\', '\\\\').replace(/"$/, '" ').trim()}: ${made}, fitted by Espalier.

    predict(rows)        ${signature.classes === null ? 'the numbers' : 'the classes'} of rows, each a dict {column: value}; None, NaN and "" are missing
${hasProbabilities ? '    predict_proba(rows)  the probability of each class, a dict a row\n' : ''}    SIGNATURE            the columns: "number", "text", "boolean" or "date"

As a script: python model.py rows.csv${hasProbabilities ? ' [--probabilities]' : ''} (or JSON lines; or standard input). Python 3.8 and later, without dependencies.
"""
`
}

/** Whether the model as a whole gives probabilities. */
const everyProbability = ({ members }: ModelFile) =>
  members.every(({ model: { trainer, learned } }) => givesProbabilities(trainer, learned))

/** The model, or its labels by a threshold. */
function answeringBy(model: ModelFile, classes: readonly string[]): Expression {
  const { threshold } = model
  if (threshold === null) return modelOf(model)
  return call(
    '_from_threshold',
    modelOf(model),
    whole(classes.indexOf(threshold.positive)),
    double(threshold.value),
  )
}

function modelOf(model: ModelFile): Expression {
  const { members, isEnsemble, signature } = model
  if (!isEnsemble) return memberOf(members[0].model)
  const all = list(members.map((member) => tuple(double(member.weight), memberOf(member.model))))
  if (signature.classes === null) return call('_mean_of_numbers', all)
  return call('_mean_of_classes', all, whole(signature.classes.length), truth(everyProbability(model)))
}

function memberOf(model: FittedModel): Expression {
  const prepared = preparation(model.preprocessing)
  if (model.task === 'regression')
    return call('_regressor', prepared, learnerOf(model.trainer, model.learned, null))
  const { trainer, classes, seen, learned, calibration } = model
  const own = learned === null ? named('_only_class') : learnerOf(trainer, learned, seen.length)
  const learner = calibration === null ? own : call('_calibrated', own, mapsOf(calibration))
  return call('_classifier', prepared, learner, wholes(seen), whole(classes.length))
}

function mapsOf({ maps }: CalibrationFile): Expression {
  return list(
    maps.map((map) =>
      'a' in map
        ? call('_sigmoid_map', double(map.a), double(map.b))
        : call('_isotonic_map', doubles(map.p), doubles(map.q)),
    ),
  )
}

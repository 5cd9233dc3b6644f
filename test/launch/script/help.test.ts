/** What scripts print when they are asked for `--help`, recorded, and what is read from it. */
import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'
import { choose } from '../../../src/launch/script/choose.js'
import { readHelp } from '../../../src/launch/script/help.js'
import type { ScriptOption } from '../../../src/launch/script/types.js'

const recorded = (name: string) =>
  readFileSync(fileURLToPath(new URL(`../../fixtures/help/${name}.txt`, import.meta.url)), 'utf8')

/** `--lr FLOAT =0.1`: an option on a line. */
function lineOf({
  flag,
  off,
  takes,
  type,
  choices,
  min,
  max,
  above,
  default: given,
  required,
}: ScriptOption) {
  const bounds = [min === null ? '' : `${above ? '>' : '>='}${min}`, max === null ? '' : `<=${max}`].join('')
  return [
    off === null ? flag : `${flag}/${off}`,
    takes === 'nothing' ? '' : takes === 'several' ? 'several' : (choices?.join('|') ?? type ?? 'value'),
    bounds,
    given === null ? '' : `=${given}`,
    required ? 'required' : '',
  ]
    .filter((part) => part !== '')
    .join(' ')
}

const linesOf = (text: string) => readHelp(text).options.map(lineOf)

const argparse = [
  '--help',
  '--lr value =0.1',
  '--batch-size value =32',
  '--optimizer sgd|adam =sgd',
  '--nesterov =False',
  '--wd value =0.0',
  '--dropout value =0.1',
  '--layers value =2',
  '--betas several =[0.9, 0.999]',
  '--epochs value =3',
  '--num-workers value =0',
  '--output-dir value =out',
  '--seed value =0',
]
const typer = [
  '--lr float =0.1',
  '--optimizer sgd|adam =sgd',
  '--layers int >=1<=10 =2',
  '--shuffle/--no-shuffle =shuffle',
  '--nesterov/--no-nesterov =no-nesterov',
  '--seed int =0',
  '--width int required',
  '--verbose',
  '--help',
]
const click = [
  '--lr float =0.1',
  '--optimizer sgd|adam =sgd',
  '--layers int >=1<=10 =2',
  '--clip float >0 =1.0',
  '--shuffle/--no-shuffle =shuffle',
  '--nesterov',
  '--seed int =0',
  '--betas several =0.9',
  '--tag text',
  '--help',
]

describe('the help of a script', () => {
  it.each([
    ['argparse-3.8', argparse],
    ['argparse-3.13', [...argparse, '--shuffle/--no-shuffle =True']],
    ['argparse-wide', [...argparse, '--shuffle/--no-shuffle =True']],
    ['click-8.1', click],
    ['click-8.5', click],
    [
      'absl',
      [
        '--amp/--noamp =false',
        '--batch_size int =32',
        '--data_dir value',
        '--lr number >=0 =0.1',
        '--optimizer sgd|adam =sgd',
      ],
    ],
    ['fire', ['--lr value =0.1', '--layers value =2', '--optimizer value =sgd', '--amp value =False']],
    [
      'tyro',
      [
        '--help',
        '--data text required',
        '--lr float =0.1',
        '--layers int =2',
        '--amp/--no-amp =False',
        '--opt sgd|adam =sgd',
      ],
    ],
    [
      'commander',
      [
        ...['--lr number =0.1', '--batch-size value =32', '--opt sgd|adam =sgd'],
        ...['--amp', '--no-shuffle', '--help'],
      ],
    ],
    [
      'yargs',
      [
        ...['--help', '--version', '--lr number =0.1', '--batch-size number =32'],
        ...['--optimizer sgd|adam =sgd', '--shuffle =false', '--data text required'],
      ],
    ],
    ['shell', ['-l value =0.1', '-n value =2', '--dropout value =0.1', '--quiet', '--warm']],
  ])('is read as %s prints it', (name, expected) => {
    expect(linesOf(recorded(name))).toEqual(expected)
  })

  it.each(['typer-0.12', 'typer-0.29', 'typer-coloured'])('is read from tables in boxes: %s', (name) => {
    const help = readHelp(recorded(name))
    // Earlier ones write what has no default, too.
    expect(help.options.map(lineOf).map((line) => line.replace(' =None required', ' required'))).toEqual(
      typer,
    )
    expect(help.positionals).toEqual(['data'])
  })

  it('has the words of its author, on one line and without the figures', () => {
    for (const name of ['argparse-3.8', 'argparse-3.13', 'argparse-wide']) {
      const says = Object.fromEntries(readHelp(recorded(name)).options.map(({ flag, says }) => [flag, says]))
      expect(says['--batch-size']).toBe('rows of a step, of which the gradient is the mean over all of them')
      expect(says['--lr']).toBe('learning rate')
    }
    const [, , layers] = readHelp(recorded('click-8.5')).options
    expect(layers.says).toBe('Layers of the network, each as wide as the one before it.')
  })

  it('names arguments that have to be given, and commands of its own', () => {
    const shape = (name: string) => {
      const { positionals, commands } = readHelp(recorded(name))
      return { positionals, commands }
    }
    expect(shape('jsonargparse')).toEqual({ positionals: ['data'], commands: [] })
    expect(shape('commander')).toEqual({ positionals: ['data'], commands: [] })
    expect(shape('fire')).toEqual({ positionals: ['DATA'], commands: [] })
    expect(shape('shell')).toEqual({ positionals: ['DATA'], commands: [] })
    expect(shape('argparse-commands')).toEqual({ positionals: [], commands: ['train', 'eval'] })
    expect(shape('click-commands')).toEqual({ positionals: [], commands: ['evaluate', 'train'] })
    expect(shape('argparse-3.13')).toEqual({ positionals: [], commands: [] })
  })

  it('is the configuration where Hydra prints it', () => {
    const help = readHelp(recorded('hydra-1.3'))
    expect(help.style).toBe('overrides')
    expect(help.groups).toEqual({ model: ['big', 'small'] })
    expect(help.options.map(lineOf)).toEqual([
      'model.layers value =2',
      'model.act text =relu',
      'lr value =0.1',
      'seed value =0',
      'optimizer.name text =adam',
      'optimizer.weight_decay value =0.0001',
      'optimizer.betas several',
      'optimizer.amsgrad bool =false',
      'data text required',
      'epochs value =10',
      'clip value =null',
      // biome-ignore lint/suspicious/noTemplateCurlyInString: it is of Hydra.
      'out text =${hydra:runtime.cwd}/x',
    ])
  })

  it.each([
    ['nothing', ''],
    ['prose', 'This program trains a model.\nIt takes nothing -- really.\n\n- a list\n- of points\n'],
    ['a usage alone', 'usage: train.py [-h] [--lr LR]\ntrain.py: error: unrecognized arguments: --help\n'],
    ['a traceback', 'Traceback (most recent call last):\n  File "train.py", line 1\nImportError: no x\n'],
    ['a table that is none', '│ a │ b │\n│ 1 │ 2 │\n'],
    ['zero bytes and broken colours', '\u0000\u001b[31\u001b]0;title\n\ufffd'],
  ])('has no options in %s', (_, text) => {
    expect(linesOf(text)).toEqual([])
  })

  it('is read in odd layouts', () => {
    const odd = [
      'Options:\r',
      '  --lr=RATE  the rate (default is 0.1)\r',
      '\t--depth DEPTH\tlayers [default 3]',
      '  --long-name-that-fills-the-line N',
      '                     defaults to 7.',
      '',
      'more options:',
      '      --size {1,2,4}  (default: 2)',
      '      -q',
      '      --items A [A ...]  some',
      '      --pair X Y',
      '      --maybe [M]',
      '      --lr OTHER  named twice',
      '      -v, --verbose / -q, --quiet  talk',
      '      --none N  (default: None)',
      '      --text "a b"  it says --not-an-option here',
    ].join('\n')
    expect(linesOf(odd)).toEqual([
      '--lr value =0.1',
      '--depth value =3',
      '--long-name-that-fills-the-line value =7',
      '--size 1|2|4 =2',
      '-q',
      '--items several',
      '--pair several',
      '--maybe value',
      '--verbose',
      '--none value =None',
      '--text several',
    ])
  })

  it('is read in time, whatever it is', () => {
    const began = performance.now()
    for (const text of [
      '-'.repeat(300_000),
      '[('.repeat(150_000),
      `--a ${'{a,'.repeat(100_000)}`,
      '│'.repeat(300_000),
    ])
      readHelp(text)
    readHelp(`Usage: ${'[x] '.repeat(50_000)}\n${'  --a B  default: [ ( [ (\n'.repeat(20_000)}`)
    // Steps that take the square of the length would take minutes.
    expect(performance.now() - began).toBeLessThan(20_000)
  })
})

describe('what is searched', () => {
  const chosen = (name: string, typed: string[] = [], plainWords = false) =>
    choose(readHelp(recorded(name)), typed, plainWords)
  const ranges = (choice: ReturnType<typeof chosen>) =>
    Object.fromEntries(choice.searched.map(({ name, parameter }) => [name, parameter]))
  const rate = { type: 'float', min: 0.001, max: 1, scale: 'log' }
  const truth = { type: 'categorical', values: [false, true] }

  it('is what people search, in ranges around the defaults', () => {
    const choice = chosen('argparse-3.13')
    expect(ranges(choice)).toEqual({
      lr: rate,
      'batch-size': { type: 'ordinal', values: [8, 16, 32, 64, 128] },
      optimizer: { type: 'categorical', values: ['sgd', 'adam'] },
      nesterov: truth,
      wd: { type: 'float', min: 1e-6, max: 1e-2, scale: 'log' },
      dropout: { type: 'float', min: 0, max: 0.5 },
      layers: { type: 'int', min: 1, max: 4 },
      // It is on by default: what can be passed turns it off.
      'no-shuffle': truth,
    })
    expect(Object.fromEntries(choice.searched.map(({ name, first }) => [name, first]))).toEqual({
      ...{ lr: 0.1, 'batch-size': 32, optimizer: 'sgd', nesterov: false, wd: null, dropout: 0.1, layers: 2 },
      'no-shuffle': false,
    })
    // biome-ignore lint/suspicious/noTemplateCurlyInString: it is a macro.
    expect(choice.arguments.join(' ')).toBe('${args_no_boolean_flags} --output-dir {directory} --seed {seed}')
  })

  it('leaves out what is no hyperparameter, each with its reason', () => {
    const why = Object.fromEntries(chosen('argparse-3.13').kept.map(({ option, why }) => [option, why]))
    expect(Object.keys(why)).toEqual(['--betas', '--epochs', '--num-workers', '--output-dir', '--seed'])
    expect(why['--epochs']).toContain('how long a trial trains')
    expect(why['--output-dir']).toContain('each trial has a place of its own: {directory}')
    const byHand = chosen('by-hand')
    expect(byHand.searched.map(({ name }) => name)).toEqual(['batch-size', 'lr', 'gamma'])
    expect(byHand.arguments.join(' ')).toBe(
      '--batch-size {batch-size} --lr {lr} --gamma {gamma} --seed {seed}',
    )
  })

  it('is within what the script takes', () => {
    expect(ranges(chosen('click-8.5')).layers).toEqual({ type: 'int', min: 1, max: 4 })
    const bounded = readHelp(
      '  --n INTEGER RANGE  [default: 3; 2<=x<=5]\n  --share FLOAT RANGE  [0<x<=0.2]\n',
    )
    expect(choose(bounded, [], false).searched.map(({ parameter }) => parameter)).toEqual([
      { type: 'int', min: 2, max: 5, scale: 'log' },
      { type: 'float', min: 0.0002, max: 0.2 },
    ])
  })

  it('is passed as the script reads it', () => {
    expect(chosen('hydra-1.3').arguments).toEqual([
      ...['model.layers={model.layers}', 'lr={lr}', 'optimizer.weight_decay={optimizer.weight_decay}'],
      ...['optimizer.amsgrad={optimizer.amsgrad}', 'data=<data>', 'seed={seed}'],
      // Hydra's own folder is named by the second in which a trial begins.
      ...['out={directory}/x', 'hydra.run.dir={directory}'],
    ])
    expect(chosen('hydra-1.3', ['hydra.run.dir=here']).arguments.join(' ')).not.toContain('hydra.run')
    expect(chosen('shell', [], true).arguments).toEqual('<DATA> -l {l} -n {n} --dropout {dropout}'.split(' '))
    const signed = readHelp('  --shift FLOAT  [default: -1.5]\n')
    expect(choose(signed, [], false).arguments).toEqual(['--shift={shift}'])
  })

  it('leaves alone what was typed, and asks for what must be given', () => {
    const nothing = chosen('typer-0.29')
    expect(nothing.missing).toEqual([{ option: null, value: '<data>' }])
    expect(nothing.arguments[0]).toBe('<data>')
    const typed = chosen('typer-0.29', ['images', '--lr', '0.5', '--shuffle'])
    expect(typed.missing).toEqual([])
    expect(typed.searched.map(({ name }) => name)).toEqual(['optimizer', 'layers', 'nesterov', 'width'])
    expect(typed.kept.find(({ option }) => option === '--lr')?.why).toBe('it was given')
    // The value of an option is no argument by itself.
    expect(chosen('typer-0.29', ['--lr', '0.5']).missing).toEqual([{ option: null, value: '<data>' }])
    expect(chosen('tyro').missing).toEqual([{ option: '--data', value: '<data>' }])
    expect(chosen('hydra-1.3', ['data=images', 'lr=0.5']).arguments.join(' ')).not.toMatch(/data|lr=/)
  })

  it.each([
    ['--model.hidden_dim N  (default: 128)', { type: 'ordinal', values: [32, 64, 128, 256, 512] }],
    ['--momentum M  (default: 0.9)', { type: 'float', min: 0, max: 0.99 }],
    ['--beta2 B  (default: 0.999)', { type: 'float', min: 0.99, max: 0.9999 }],
    ['--n-estimators N  (default: 100)', { type: 'int', min: 25, max: 400, scale: 'log' }],
    ['--learning_rate LR  how fast', { type: 'float', min: 1e-5, max: 0.1, scale: 'log' }],
    ['--lr-step-size N  (default: 30)', { type: 'int', min: 7, max: 120, scale: 'log' }],
    ['--depth DEPTH', { type: 'int', min: 1, max: 6 }],
    ['--heads {1,2,4}  (default: 2)', { type: 'ordinal', values: [1, 2, 4] }],
    ['--norm {none,batch}  (default: none)', { type: 'categorical', values: ['none', 'batch'] }],
    ['--bias BOOL  (default: True)', { type: 'categorical', values: ['False', 'True'] }],
    ['--temperature T  (default: 2.0)', { type: 'float', min: 0.2, max: 20, scale: 'log' }],
    ['--warmup-steps N  (default: 500)', { type: 'int', min: 125, max: 2000, scale: 'log' }],
    ['--odd FLOAT  (default: 3.0)', { type: 'float', min: 0.3, max: 30, scale: 'log' }],
  ])('%s', (line, parameter) => {
    expect(choose(readHelp(`  ${line}\n`), [], false).searched.map((one) => one.parameter)).toEqual([
      parameter,
    ])
  })

  it.each([
    ['--thing THING', 'neither a default nor a type'],
    ['--act ACT  (default: relu)', 'a text, and its help does not say which there are'],
    ['--warm N  (default: 0)', 'does not tell of its scale'],
    ['--clip C  (default: None)', 'not set unless it is given'],
    ['--stop N  (default: -1)', 'below zero'],
    ['--gpus N  (default: 1)', 'about the machine'],
    ['--use-cuda', 'about the machine'],
    ['--no-progress', 'what is shown'],
    ['--max-steps N  (default: 1000)', 'how long a trial trains'],
    ['--eval-batch-size N  (default: 64)', 'of an evaluation'],
    ['--train-file FILE', 'names files or data'],
    ['--where PATH  (default: x)', 'names files or data'],
    ['--run-name NAME', 'a name or an address'],
    ['--num-classes N  (default: 10)', 'goes with the data'],
    ['--resume', 'what is done'],
    ['--save-model', 'it writes'],
    ['--trainer {a,b}  (default: a)', 'the trainer itself'],
    ['--keep {a}  (default: a)', 'nothing to choose from'],
  ])('not %s', (line, why) => {
    const { searched, kept } = choose(readHelp(`  ${line}\n`), [], false)
    expect(searched).toEqual([])
    expect(kept.map((one) => one.why).join()).toContain(why)
  })

  it.each([
    ['--output_dir OUT  (default: out)', '--output_dir {directory}'],
    ['--save SAVE  path to save the final model (default: model.pt)', '--save {directory}/model.pt'],
    ['--save-dir DIR', '--save-dir {directory}'],
    ['--log-dir LOG_DIR  (default: runs/today)', '--log-dir {directory}'],
    ['--checkpoint-dir X  (default: ckpts)', '--checkpoint-dir {directory}'],
    ['--ckpt CKPT  where the model is saved to (default: best)', '--ckpt {directory}/best'],
    [
      '--weights-path P  [default: weights/{epoch}.h5]  will be saved here',
      '--weights-path {directory}/{{epoch}}.h5',
    ],
    ['--results-file F  (default: out/r.csv)', '--results-file {directory}/r.csv'],
    ['--out OUT', '--out {directory}/out'],
    ['--out DIR  (default: x)', '--out {directory}'],
    ['--save SAVE  (default: .)', '--save {directory}'],
    ['--trainer.default_root_dir D  (default: here)', '--trainer.default_root_dir {directory}'],
    ['--out OUT  [required]', '--out {directory}/out'],
    ['--work_dir W  (default: None)', '--work_dir {directory}'],
  ])('what trials write is kept apart: %s', (line, words) => {
    const { kept, written, missing, arguments: given } = choose(readHelp(`  ${line}\n  --lr LR\n`), [], false)
    expect(given.join(' ')).toBe(`--lr {lr} ${words}`.trim())
    expect(written).toEqual([{ option: words.split(' ')[0], value: words.split(' ')[1] }])
    expect([kept.length, kept[0].why, missing.length]).toEqual([1, expect.stringContaining('of its own'), 0])
  })

  it.each([
    ['--checkpoint CKPT  path of a checkpoint to resume from (default: last.pt)', 'names files'],
    ['--checkpoint CKPT', 'or is read'],
    ['--model_dir DIR  (default: model)', 'or is read'],
    ['--model-path PATH  (default: bert)', 'names files'],
    ['--data-dir DIR  where data is stored (default: data)', 'names files'],
    ['--cache-dir DIR  downloads are saved to it (default: cache)', 'names files'],
    ['--save SAVE  (default: None)', 'not set unless it is given; "--save", "{directory}/save" in "command"'],
    ['--save-every N  (default: 5)', 'shown or written down'],
    ['--save-total-limit N  (default: 3)', 'it writes'],
    ['--save-safetensors B  (default: True)', 'it writes'],
    ['--export {onnx,torch}  (default: onnx)', 'it writes'],
    ['--output OUT  (default: -)', 'it writes to -'],
    ['--save-model', 'it writes'],
    ['--load-dir DIR  (default: out)', 'names files'],
  ])('what is read, or not written to, is left alone: %s', (line, why) => {
    const { kept, written, arguments: given } = choose(readHelp(`  ${line}\n  --lr LR\n`), [], false)
    expect([written, given]).toEqual([[], ['--lr', '{lr}']])
    expect(kept.map((one) => one.why).join()).toContain(why)
  })

  it('is no place to write to because a word ends like one', () => {
    const { searched } = choose(
      readHelp('  --drop-out P  (default: 0.1)\n  --fan_out N  (default: 8)\n'),
      [],
      false,
    )
    expect(searched.map(({ name }) => name)).toEqual(['drop-out', 'fan_out'])
  })

  it('an argument without a name may be written to as well', () => {
    const help = readHelp(
      'usage: x [-h] [--lr LR] data output_dir\n\npositional arguments:\n  data\n  output_dir\n\noptions:\n  --lr LR\n',
    )
    const choice = choose(help, [], false)
    expect(choice.arguments.join(' ')).toBe('<data> {directory} --lr {lr}')
    expect(choice.missing).toEqual([{ option: null, value: '<data>' }])
    expect(choose(help, ['images', 'there'], false).arguments.join(' ')).toBe('--lr {lr}')
  })

  it('is one parameter for each variable of the environment', () => {
    const { searched, kept } = choose(
      readHelp('  --lr LR  (default: 0.1)\n  --LR LR  (default: 0.2)\n'),
      [],
      false,
    )
    expect(searched.map(({ name }) => name)).toEqual(['lr'])
    expect(kept).toEqual([{ option: '--LR', why: 'another option has nearly the same name' }])
  })
})

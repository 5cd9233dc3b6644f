// biome-ignore-all lint/suspicious/noTemplateCurlyInString: macros are written so.
/** Arguments that stand for all parameters at once, and what of them is refused. */
import { describe, expect, it } from 'vitest'
import { fillArguments } from '../../../src/training/command/placeholders.js'
import { checkProgram } from '../../../src/training/index.js'

const own = {
  ...{ params: '/t/params.json', trial: '3', seed: '42', directory: '/t' },
  ...{ seat: '1', device: '', checkpoint: '' },
}
const params = { layers: [64, 64], lr: 1e-7, 'opt/lr': 0.1, nesterov: true, amsgrad: false, 'a name': 'x y' }
/** In the order of the space; `momentum` is inactive. */
const space = ['lr', 'momentum', 'nesterov', 'amsgrad', 'layers', 'a name', 'opt/lr']

function filled(...command: string[]): string[] {
  return fillArguments(['p', ...command], params, own, space).slice(1)
}

describe('macros', () => {
  it('become an argument for each active parameter, in the order of the space', () => {
    expect(filled('train', '${args}', '--last')).toEqual([
      ...['train', '--lr=1e-7', '--nesterov=true', '--amsgrad=false', '--layers=[64,64]'],
      ...['--a name=x y', '--opt/lr=0.1', '--last'],
    ])
    expect(filled('${args_no_hyphens}').slice(0, 3)).toEqual(['lr=1e-7', 'nesterov=true', 'amsgrad=false'])
    expect(filled('${args_no_equals}').slice(0, 4)).toEqual(['--lr', '1e-7', '--nesterov', 'true'])
    expect(filled('${args_no_boolean_flags}')).toEqual([
      ...['--lr=1e-7', '--nesterov', '--layers=[64,64]', '--a name=x y', '--opt/lr=0.1'],
    ])
  })

  it('become one argument of JSON, or the file of it', () => {
    const [json, ...others] = filled('${args_json}')
    expect(others).toEqual([])
    expect(Object.keys(JSON.parse(json))).toEqual(space.filter((name) => name !== 'momentum'))
    expect(JSON.parse(json)).toEqual(params)
    expect(filled('--config', '${args_json_file}')).toEqual(['--config', '/t/params.json'])
  })

  it('yield to a parameter of that name, and to what is escaped', () => {
    expect(fillArguments(['p', '${args}', '${{args}}'], { args: 5 }, own)).toEqual(['p', '$5', '${args}'])
    expect(filled('${{args}}')).toEqual(['${args}'])
    expect(() => checkProgram({ command: ['p', '${{args}}', '${args}'] }, ['x'])).not.toThrow()
  })

  it.each([
    ['${env}', /found on the PATH/],
    ['${interpreter}', /such as python3/],
    ['${program}', /such as train\.py/],
    ['${envvar:HOME}', /inherits the environment/],
    ['--x=${args}', /an argument of its own \(got "--x=\$\{args\}"\)/],
    ['${args_no_hyphen}', /there is no \$\{args_no_hyphen\}; did you mean "args_no_hyphens"/],
  ])('%s is refused, and the remedy is told', (argument, message) => {
    try {
      checkProgram({ command: ['p', argument] }, ['x'])
      expect.unreachable()
    } catch (error) {
      const { problems } = error as { problems: { path: string; message: string }[] }
      expect(problems).toHaveLength(1)
      expect(problems[0]).toMatchObject({
        path: 'trainer.command[1]',
        message: expect.stringMatching(message),
      })
    }
  })
})

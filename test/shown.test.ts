/** Reasons of failures: on one line, and the lines that a program printed. */
import { describe, expect, it } from 'vitest'
import { reasonLine, reasonLines } from '../src/shown.js'

const traceback = `train.py ended with exit status 1:
  Traceback (most recent call last):
    File "/home/me/train.py", line 3, in <module>
  \tmain()
  ValueError: lr must be positive
  Set the environment variable HYDRA_FULL_ERROR=1 for a complete stack trace.`

describe('the reason of a failure', () => {
  it('has on one line what the traceback ends with', () => {
    expect(reasonLine(traceback)).toBe('train.py ended with exit status 1: ValueError: lr must be positive')
  })

  it('has its lines as they were indented', () => {
    expect(reasonLines(traceback)).toEqual([
      'Traceback (most recent call last):',
      '  File "/home/me/train.py", line 3, in <module>',
      '    main()',
      'ValueError: lr must be positive',
      'Set the environment variable HYDRA_FULL_ERROR=1 for a complete stack trace.',
    ])
  })

  it('has on one line the last one where none is an error, or the one that stands apart', () => {
    expect(reasonLine('train.sh ended with exit status 3:\n  loading\n  no data')).toBe(
      'train.sh ended with exit status 3: no data',
    )
    const apart = 'bound it, or narrow the space:\n  CUDA out of memory\n  …\n  OSError: x\n  bye'
    expect(reasonLine(apart)).toBe('bound it, or narrow the space: CUDA out of memory')
    expect(reasonLines(apart)).toHaveLength(4)
  })

  it('may have lines of both streams', () => {
    const both =
      'a pattern must match; the last lines of stdout:\n  epoch 1\n  epoch 2\nthe last lines of stderr:\n  oops'
    expect(reasonLine(both)).toBe('a pattern must match: oops')
    expect(reasonLines(both)).toEqual([
      'the last lines of stdout:',
      'epoch 1',
      'epoch 2',
      'the last lines of stderr:',
      'oops',
    ])
  })

  it('that has none is shown whole, on one line, and steers no terminal', () => {
    expect(reasonLine('a model must be JSON\n(got a function)')).toBe('a model must be JSON (got a function)')
    expect(reasonLines('a model must be JSON\n(got a function)')).toEqual([])
    expect(reasonLine('x ended:\n  \u001b[2Jred')).toBe('x ended: red')
    expect(reasonLines('x ended:\n  \u001b[2Jred\u202e')).toEqual(['red\\u{202e}'])
  })
})

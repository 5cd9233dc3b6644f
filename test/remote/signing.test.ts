/** Who sets a secret heeds only what is signed with it, for what it is meant. */
import { expect, it } from 'vitest'
import { open, sign } from '../../src/remote/signing.js'

it('opens what was signed with the same secret, and what nobody signed where none is asked for', () => {
  expect(open('box', sign('box', 'a.b', 'secret'), 'secret')).toBe('a.b')
  expect(open('box', sign('box', 'a.b', null), null)).toBe('a.b')
  expect(open('box', sign('box', 'a.b', 'secret'), null)).toBe('a.b')
})

it.each([
  ['nobody signed', sign('box', 'body', null)],
  ['is signed with another secret', sign('box', 'body', 'other')],
  ['was signed for another box', sign('another box', 'body', 'secret')],
  ['was changed since', sign('box', 'body', 'secret').replace('body', 'bodY')],
])('refuses what %s', (_, text) => {
  expect(() => open('box', text, 'secret')).toThrow(expect.objectContaining({ code: 'MESSAGE_UNSIGNED' }))
})

it.each(['', 'body', '.body', `${'0'.repeat(63)}.body`])('refuses what is no message: %j', (text) => {
  expect(() => open('box', text, 'secret')).toThrow(expect.objectContaining({ code: 'MESSAGE_INVALID' }))
})

/** The README does what it says, and the client of docs/ask-tell.md what its readers need. */
import { describe, expect, it } from 'vitest'
import { blocksOf, python, runPage, runPython } from './blocks.js'

describe('the README', () => {
  it('does what it says, block by block', async () => {
    const run = await runPage('README.md')
    expect(run).toBe(blocksOf('README.md').length)
    expect(run).toBeGreaterThan(4)
  }, 120_000)
})

describe.skipIf(!python)('the client in docs/ask-tell.md', () => {
  it('tells values that are none as failed, and takes the numbers of numpy', async () => {
    const client = blocksOf('docs/ask-tell.md').find(({ language }) => language === 'python')!.code
    const printed = await runPython(`${client}
class Float32:
    "As numpy's: no number of Python's, but it says which."
    def __init__(self, value): self.value = value
    def __float__(self): return float(self.value)
    def item(self): return self.value

nan, inf = float("nan"), float("inf")
search = Search({"x": {"type": "float", "min": 0, "max": 1}}, seed=1)
for value in [nan, inf, -inf, None, Float32(nan), Float32(0.25), 7]:
    [trial] = search.ask()
    search.tell(trial["trial"], value)
print(search.best()["value"], search.best()["trial"])
for value in [nan, -inf, Float32(-2)]:
    added = search.add({"x": Float32(0.5)}, value)
print(search.best()["value"], added)
`)
    expect(printed.trim().split('\n').slice(-2)).toEqual(['0.25 5', '-2 9'])
  })
})

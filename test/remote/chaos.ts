/**
 * A sweep over a queue in which everything goes wrong that can: workers, coordinator and server are killed, frozen and cut off at random instants,
 * and replaced. What is checked on the way: no trial whose end was told of is lost, and none ends twice.
 */
import { type RandomStream, randomStream } from '../../src/numeric/index.js'
import {
  type Cast,
  coordinator,
  type Espalier,
  expectNothingLost,
  pause,
  until,
  worker,
} from './processes.js'
import { Way } from './proxy.js'
import type { TestServer } from './servers.js'

export interface ChaosOptions {
  readonly server: TestServer
  readonly cast: Cast
  readonly claimMs: number
  readonly seed: number
  /** At most so many faults. */
  readonly faults: number
  readonly workers: number
  /** Options of the command of the worker of this number. */
  workerArgs?(number: number): readonly string[]
  /** Options of the sweep's command. */
  readonly sweepArgs?: readonly string[]
  readonly say?: (line: string) => void
}

export interface ChaosEnd {
  /** How often each happened. */
  readonly faults: Readonly<Record<string, number>>
  readonly total: number
}

const weights = {
  'worker killed': 30,
  'worker frozen': 12,
  'worker cut off': 10,
  'worker not heard': 8,
  'worker told to end': 6,
  'coordinator killed': 10,
  'coordinator and worker killed': 5,
  'coordinator cut off': 5,
  'server killed': 8,
  'server frozen': 6,
} as const
type Fault = keyof typeof weights

export async function chaos(options: ChaosOptions): Promise<ChaosEnd> {
  const run = new Chaos(options)
  try {
    return await run.play()
  } finally {
    await run.clear()
  }
}

interface Place {
  readonly way: Way
  process: Espalier
}

class Chaos {
  readonly #options: ChaosOptions
  readonly #random: RandomStream
  readonly #places: Place[] = []
  #way!: Way
  #coordinator!: Espalier
  readonly #told = new Set<number>()
  readonly #counts: Record<string, number> = {}
  #total = 0
  #unopened = 0

  constructor(options: ChaosOptions) {
    this.#options = options
    this.#random = randomStream(options.seed, 'chaos')
  }

  async play(): Promise<ChaosEnd> {
    const { server, workers, faults } = this.#options
    this.#way = await Way.to(server.url)
    for (let i = 0; i < workers; i++) {
      const way = await Way.to(server.url)
      this.#places.push({ way, process: this.#worker(way, i) })
    }
    this.#coordinator = await this.#coordinate()
    while (this.#total < faults) {
      await Promise.race([pause(this.#upTo(700)), this.#coordinator.ended])
      if (this.#coordinator.over && !(await this.#beginAgain())) break
      await this.#inject(this.#choose())
      await this.#replace()
    }
    let code = await this.#end()
    while (await this.#beginAgain()) code = await this.#end()
    if (code !== 0)
      throw new Error(`${this.#where()}: the sweep ended with ${code}: ${this.#coordinator.stderr}`)
    await this.#check()
    // Else nothing was checked on the way.
    if (this.#told.size === 0) throw new Error(`${this.#where()}: no trial's end was told of`)
    // One that replaced another just now ends as any program does that has not begun.
    const serve = ({ process }: Place) => process.over || process.stderr.includes('serves')
    await until('the workers to serve', () => this.#places.every(serve), 60_000)
    for (const { process } of this.#places) process.signal('SIGTERM')
    const stays = () => this.#places.find(({ process }) => !process.over)?.process
    await until('the workers to end', () => stays() === undefined, 60_000).catch((error) => {
      throw new Error(`${this.#where()}: ${error.message}: ${stays()?.stderr}`)
    })
    const ends = await Promise.all(this.#places.map(({ process }) => process.ended))
    for (const [i, { code, signal }] of ends.entries())
      if (code !== 0 && code !== 130)
        throw new Error(
          `${this.#where()}: a worker ended with ${code ?? signal}: ${this.#places[i].process.stderr}`,
        )
    return { faults: this.#counts, total: this.#total }
  }

  /** With which code the sweep has ended. */
  async #end(): Promise<number | null> {
    await until('the end of the sweep', () => this.#over(), 240_000).catch((error) => {
      throw new Error(`${this.#where()}: ${error.message}: ${this.#coordinator.stderr.slice(-1000)}`)
    })
    return (await this.#coordinator.ended).code
  }

  /**
   * A coordinator that is begun while the server is away waits some seconds for it; then it says so and ends, and whoever began it does so
   * again. Whether it was so, and not too often.
   */
  async #beginAgain(): Promise<boolean> {
    if (!this.#coordinator.stderr.includes('error: the queue must answer before work can go through it'))
      return false
    if (++this.#unopened > 3) return false
    await this.#check()
    this.#coordinator = await this.#coordinate()
    return true
  }

  async clear(): Promise<void> {
    for (const one of [this.#coordinator, ...this.#places.map(({ process }) => process)]) await one?.kill()
    for (const { way } of [{ way: this.#way }, ...this.#places]) await way?.close()
  }

  #worker(way: Way, number: number): Espalier {
    const { cast, workerArgs } = this.#options
    return worker(cast, way.url, workerArgs?.(number))
  }

  #coordinate(): Promise<Espalier> {
    const { cast, sweepArgs = [] } = this.#options
    return coordinator(cast, this.#way.url, sweepArgs)
  }

  #where(): string {
    return `seed ${this.#options.seed}, ${this.#total} faults`
  }

  async #check(): Promise<void> {
    for (const trial of this.#coordinator.told) this.#told.add(trial)
    await expectNothingLost(this.#options.cast, this.#told, this.#where())
  }

  async #over(): Promise<boolean> {
    await this.#replace()
    return this.#coordinator.over
  }

  /** New ones for those that have ended. */
  async #replace(): Promise<void> {
    for (const [i, place] of this.#places.entries())
      if (place.process.over) place.process = this.#worker(place.way, i)
  }

  #upTo(ms: number): number {
    return ms * this.#random.next()
  }

  /** Less than a claim mostly, and longer than it sometimes. */
  #aWhile(): number {
    return this.#options.claimMs * (this.#random.next() < 0.6 ? 0.8 : 2.5) * this.#random.next()
  }

  #choose(): Fault {
    const all = Object.entries(weights) as [Fault, number][]
    let left = this.#random.next() * all.reduce((sum, [, weight]) => sum + weight, 0)
    for (const [fault, weight] of all) {
      left -= weight
      if (left < 0) return fault
    }
    return 'worker killed'
  }

  async #inject(fault: Fault): Promise<void> {
    const { server } = this.#options
    const place = this.#places[this.#random.integer(this.#places.length)]
    const while_ = this.#aWhile()
    this.#options.say?.(`${fault} (${while_.toFixed(0)} ms)`)
    switch (fault) {
      case 'worker killed':
        await place.process.kill()
        break
      case 'worker frozen':
        place.process.signal('SIGSTOP')
        await pause(while_)
        place.process.signal('SIGCONT')
        break
      case 'worker cut off':
      case 'worker not heard':
        place.way.set(fault === 'worker cut off' ? 'cut' : 'silent')
        await pause(while_)
        place.way.set('open')
        break
      case 'worker told to end':
        place.process.signal('SIGINT')
        break
      case 'coordinator killed':
      case 'coordinator and worker killed':
        await this.#coordinator.kill()
        if (fault !== 'coordinator killed') await place.process.kill()
        await this.#check()
        this.#coordinator = await this.#coordinate()
        break
      case 'coordinator cut off':
        this.#way.set('cut')
        await pause(while_)
        this.#way.set('open')
        break
      case 'server killed':
        await server.kill()
        await pause(while_ / 2)
        await server.restart()
        break
      case 'server frozen':
        server.pause()
        await pause(while_)
        server.continue()
    }
    this.#total++
    this.#counts[fault] = (this.#counts[fault] ?? 0) + 1
  }
}

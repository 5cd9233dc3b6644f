/** How programs end that fail: exit statuses and signals told apart, and whether memory ran out. */
import { spawnSync } from 'node:child_process'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { temporaryFolder } from '../../temporary.js'
import { type RunOptions, run, runShell, shellScript, told } from './support.js'

const python = spawnSync('python3', ['--version']).status === 0

describe.concurrent('a program that fails', () => {
  it.each([
    ['with a status', 'exit 3', /^PROGRAM_FAILED: train\.sh ended with exit status 3$/],
    [
      'by a signal',
      'kill -SEGV $$',
      /^PROGRAM_FAILED: train\.sh was ended by SIGSEGV \(it touched memory that is not its own\)$/,
    ],
    [
      'by a signal that ended what it ran',
      'sh -c "kill -SEGV \\$\\$" || exit $?',
      /^PROGRAM_FAILED: train\.sh ended with exit status 139, as of something it ran that was ended by SIGSEGV \(it touched/,
    ],
    [
      'as somebody else asked it to end',
      'echo saving >&2; kill -TERM $$',
      /^PROGRAM_FAILED: train\.sh was ended by SIGTERM \(somebody asked it to end, and that was not Espalier\)(:\n {2}saving)?$/,
    ],
    ['with 143', 'exit 143', /exit status 143, as of something it ran that was ended by SIGTERM/],
    [
      'as a command was not found',
      './no-such-command-here || exit $?',
      /^PROGRAM_FAILED: train\.sh ended with exit status 127 \(.*not found.*\):\n {2}.*no-such-command-here/,
    ],
    [
      'as a command cannot be run',
      'echo > plain; ./plain || exit $?',
      /exit status 126 \(.*chmod \+x it.*\):\n {2}.*plain/,
    ],
    ['with a status that is no signal', 'exit 200', /^PROGRAM_FAILED: train\.sh ended with exit status 200$/],
  ])('%s says so', async (_, lines, message) => {
    expect(told(await runShell(lines))).toMatch(message)
  })
})

/** As they stand on stderr, from the traces of each. */
const messages: Readonly<Record<string, readonly string[]>> = {
  device: [
    'torch.OutOfMemoryError: CUDA out of memory. Tried to allocate 20.00 GiB. GPU 0 has a total capacity of 79.10 GiB',
    'torch.cuda.OutOfMemoryError: CUDA out of memory. Tried to allocate 2.00 MiB (GPU 0; 15.77 GiB total capacity)',
    'RuntimeError: CUDA error: CUBLAS_STATUS_ALLOC_FAILED when calling `cublasCreate(handle)`',
    'RuntimeError: cuDNN error: CUDNN_STATUS_ALLOC_FAILED',
    'torch.OutOfMemoryError: HIP out of memory. Tried to allocate 4.00 GiB',
    'hipErrorOutOfMemory: out of memory',
    'jaxlib.xla_extension.XlaRuntimeError: RESOURCE_EXHAUSTED: Out of memory while trying to allocate 17179869184 bytes.',
    'ResourceExhaustedError: OOM when allocating tensor with shape[8192,8192] and type float on /device:GPU:0',
    'cupy.cuda.memory.OutOfMemoryError: Out of memory allocating 8,000,000,000 bytes',
    'parallel_for failed: cudaErrorMemoryAllocation: out of memory',
    'RuntimeError: MPS backend out of memory (MPS allocated: 17.50 GB)',
  ],
  machine: [
    'MemoryError',
    'numpy._core._exceptions._ArrayMemoryError: Unable to allocate 7.28 TiB for an array with shape (1000000, 1000000)',
    "terminate called after throwing an instance of 'std::bad_alloc'",
    'FATAL ERROR: Reached heap limit Allocation failed - JavaScript heap out of memory',
    'OSError: [Errno 12] Cannot allocate memory',
    "RuntimeError: [enforce fail at alloc_cpu.cpp:114] DefaultCPUAllocator: can't allocate memory: you tried to allocate 4000 bytes.",
    'RuntimeError: DataLoader worker (pid 4242) is killed by signal: Killed.',
    'Exception in thread "main" java.lang.OutOfMemoryError: Java heap space',
    'slurmstepd: error: Detected 1 oom_kill event in StepId=1.0. Some of the step tasks have been OOM Killed.',
  ],
}

describe.concurrent('a program whose memory runs out', () => {
  const behind = (message: string, ending: string) =>
    runShell(`cat >&2 << 'END'\nTraceback (most recent call last):\n${message}\nEND\n${ending}`)

  it.each(Object.entries(messages).flatMap(([whose, all]) => all.map((message) => [message, whose])))(
    'says "%s", and is known by it',
    async (message, whose) => {
      const said = told(await behind(message, 'exit 1'))
      const law =
        whose === 'device'
          ? 'a trial must do with the memory of its device'
          : 'a trial must do with the memory that is left'
      expect(said).toMatch(/^OUT_OF_MEMORY: /)
      expect(said).toContain(`${law} (train.sh ended with exit status 1); bound what takes it`)
      expect(said).toContain(`narrow the space:\n  Traceback (most recent call last):\n  ${message}`)
    },
  )

  it('is not known by a message where it did not fail, and goes on', async () => {
    const message = 'torch.OutOfMemoryError: CUDA out of memory. Tried to allocate 20.00 GiB'
    expect(told(await behind(message, `echo 'espalier: {"final": 1}'`))).toBe('finished {"loss":1}')
    // Long before its end it was something else that failed.
    const later = 'i=0; while [ $i -lt 120 ]; do echo "epoch $i" >&2; i=$((i+1)); done; exit 1'
    expect(told(await behind(message, later))).toMatch(/^PROGRAM_FAILED: train\.sh ended with exit status 1/)
    expect(told(await behind('no MemoryError here: the data is missing', 'exit 1'))).toMatch(
      /^PROGRAM_FAILED/,
    )
  })

  it('is known where it says itself that it failed', async () => {
    const ran = await runShell(
      `echo 'espalier: {"failed": "CUDA out of memory. Tried to allocate 2.00 GiB"}'`,
    )
    expect(told(ran)).toMatch(/^OUT_OF_MEMORY: .*said that it failed: CUDA out of memory/)
  })

  it('is ended by the system, itself or what it ran', async () => {
    expect(told(await runShell('kill -9 $$'))).toMatch(/narrow the space; or, .* somebody killed it/)
    expect(told(await runShell('kill -9 $$'))).toMatch(
      /^OUT_OF_MEMORY: .*ended by the system \(train\.sh was ended by SIGKILL\); .*--workers/,
    )
    expect(told(await runShell('sh -c "kill -9 \\$\\$" || exit $?'))).toMatch(
      /^OUT_OF_MEMORY: .*\(train\.sh ended with exit status 137, as of something it ran that was ended by SIGKILL\)/,
    )
  })

  it('is not taken for one that Espalier ended by SIGKILL, for whatever reason', async () => {
    const deaf = `trap "" TERM; echo 'espalier: {"metric": {"loss": 1}, "step": 0}'; while true; do sleep 0.05; done`
    const program = { grace: 0.2 }
    const [late, pruned, aborted, wrong] = await Promise.all([
      runShell(deaf, { timeLimit: 2000, program }),
      runShell(deaf, { pruneAt: 0, program }),
      runShell(deaf, { signal: AbortSignal.timeout(2000), program }),
      runShell(`trap "" TERM; echo 'espalier: {"metric": "x"}'; while true; do sleep 0.05; done`, {
        program,
      }),
    ])
    expect(told(late)).toMatch(/^TIME_LIMIT: /)
    expect(told(pruned)).toBe('pruned')
    expect(told(aborted)).toBe('aborted')
    expect(told(wrong)).toMatch(/^RESULT_INVALID: /)
  })

  it.skipIf(!python)('is a Python that takes more than its limit (needs python3)', async () => {
    const directory = temporaryFolder()
    const code = `import resource
resource.setrlimit(resource.RLIMIT_AS, (1 << 29, 1 << 29))
taken = bytearray(1 << 30)`
    writeFileSync(join(directory, 'train.py'), code)
    expect(told(await run(directory, ['python3', 'train.py']))).toMatch(
      /^OUT_OF_MEMORY: a trial must do with the memory that is left \(train\.py ended with exit status 1\)[\s\S]*MemoryError$/,
    )
  })

  it('is a Node whose heap is full', async () => {
    const directory = temporaryFolder()
    writeFileSync(
      join(directory, 'train.mjs'),
      'const kept = []; for (;;) kept.push(new Array(1e5).fill({}))',
    )
    const ran = await run(directory, [process.execPath, '--max-old-space-size=40', 'train.mjs'])
    expect(told(ran)).toMatch(
      /^OUT_OF_MEMORY: .*node was ended by SIGABRT[\s\S]*\n {2}FATAL ERROR: .*JavaScript heap out of memory\n {2}…\n/,
    )
  }, 30_000)
})

describe.concurrent('the grace of a program', () => {
  function runShellIn(directory: string, lines: string, options: RunOptions) {
    shellScript(directory, lines)
    return run(directory, ['./train.sh'], options)
  }

  const started = `echo 'espalier: {"metric": {"loss": 1}, "step": 0}'`
  const waiting = 'while true; do sleep 0.05; done'

  it('is time to save, for it and for what it started', async () => {
    const directory = temporaryFolder()
    const child = `sh -c 'trap "sleep 1; echo saved > child; exit 0" TERM; ${waiting}' &`
    const ran = await runShellIn(
      directory,
      `trap 'sleep 1; echo saved > own; wait; exit 0' TERM; ${child} ${started}; ${waiting}`,
      { timeLimit: 3000, program: { grace: 30 } },
    )
    expect(told(ran)).toMatch(/^TIME_LIMIT: /)
    for (const name of ['own', 'child']) expect(readFileSync(join(directory, name), 'utf8')).toBe('saved\n')
    // It ended by itself, long before its grace was over.
    expect(ran.seconds).toBeLessThan(25)
  })

  it('is over for who does not listen, and not before', async () => {
    const deaf = `trap 'echo asked' TERM; ${started}; ${waiting}`
    const [long, short] = await Promise.all([
      runShell(deaf, { timeLimit: 2500, program: { grace: 3 } }),
      runShell(deaf, { timeLimit: 2500, program: { grace: 0.1 } }),
    ])
    expect(told(long)).toMatch(/^TIME_LIMIT: /)
    expect(long.files['stdout.txt']).toContain('asked\n')
    expect(long.seconds).toBeGreaterThan(5.5)
    expect(short.seconds).toBeLessThan(long.seconds)
  })

  it('is given twice where the answer "stop" is not heeded: first to end by itself, then to end when asked', async () => {
    const ran = await runShell(`trap 'echo asked' TERM; ${started}; ${waiting}`, {
      pruneAt: 0,
      program: { grace: 1 },
    })
    expect(told(ran)).toBe('pruned')
    expect(ran.files['stdout.txt']).toContain('asked\n')
    expect(ran.seconds).toBeGreaterThan(2)
  })
})

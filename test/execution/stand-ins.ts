/** Stand-ins for nvidia-smi and rocm-smi, as scripts on a PATH that has nothing else. */
import { mkdirSync, symlinkSync } from 'node:fs'
import { join } from 'node:path'
import { writeExecutable } from '../executable.js'
import { temporaryFolder } from '../temporary.js'

/** The PATH of a folder in which these tools are shell scripts. */
export function pathWith(tools: Readonly<Record<string, string>>): string {
  const folder = join(temporaryFolder(), 'bin')
  mkdirSync(folder)
  for (const [name, script] of Object.entries(tools)) {
    writeExecutable(join(folder, name), `#!/bin/sh\n${script}\n`)
  }
  for (const name of ['cat', 'sleep']) symlinkSync(`/bin/${name}`, join(folder, name))
  return folder
}

/** nvidia-smi of a machine with so many A100s; `list`: what `-L` prints; `used`: megabytes in use on each. */
export function nvidiaSmi(count: number, { list = '', used = 0 } = {}): string {
  const rows = Array.from({ length: count }, (_, i) => ({ i, uuid: `GPU-${i}${i}aa-bb` }))
  const all = rows.map(({ i, uuid }) => `${i}, ${uuid}, NVIDIA A100-SXM4-40GB, 40960, 550.54.15`)
  const memory = rows.map(({ i, uuid }) => `${i}, ${uuid}, ${used + i}`)
  return `case "$1" in
  -L) cat <<'END'\n${list}\nEND
  ;;
  --query-gpu=index,uuid,memory.used) cat <<'END'\n${memory.join('\n')}\nEND
  ;;
  *) cat <<'END'\n${all.join('\n')}\nEND
  ;;
esac`
}

export const rocmSmi = `cat <<'END'
WARNING: AMD GPU device(s) is/are in a low-power state. Check power control/runtime_status
${JSON.stringify({
  card0: {
    'Unique ID': '0xAB12',
    'VRAM Total Memory (B)': '68702699520',
    'Card Series': 'AMD Instinct MI250X',
  },
  card1: { 'Unique ID': '0xCD34', 'VRAM Total Memory (B)': '68702699520', 'Card Series': 'N/A' },
  system: { 'Driver version': '6.3.6' },
})}
END`

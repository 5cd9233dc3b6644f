import { execFileSync } from 'node:child_process'

/**
 * Writes a script that is run at once. Another program writes it: while this process has a file open for writing, whatever
 * another thread starts in that moment holds the file open too, until it has become what it is to run, and a system refuses
 * to run a file that somebody may write to (ETXTBSY).
 */
export function writeExecutable(file: string, script: string): void {
  execFileSync('/bin/sh', ['-c', 'cat > "$0" && chmod 755 "$0"', file], { input: script })
}

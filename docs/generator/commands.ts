/** docs/command-line.md, from the help of every command. */
import type { Command } from 'commander'
import { buildProgram, commandNames } from '../../src/cli/program.js'
import { madeFrom } from './text.js'

function helpOf(command: Command): string {
  return command.configureHelp({ helpWidth: 100 }).helpInformation().trim()
}

function section(command: Command, level: number): string {
  const name = `${command.parent!.name() === 'espalier' ? '' : `${command.parent!.name()} `}${command.name()}`
  const parts = [`${'#'.repeat(level)} espalier ${name}\n\n\`\`\`text\n${helpOf(command)}\n\`\`\`\n`]
  for (const inner of command.commands) if (inner.name() !== 'help') parts.push(section(inner, level + 1))
  return parts.join('\n')
}

export async function commandsPage(): Promise<string> {
  const sections: string[] = []
  for (const name of commandNames) {
    const program = await buildProgram([name])
    sections.push(section(program.commands.find((command) => command.name() === name)!, 2))
  }
  return `# The command line

${madeFrom('the help of every command (`espalier COMMAND --help`)')}
Every command that reports takes \`--json\`, and then prints one JSON document on stdout and nothing else. Exit codes: 0 done, 1 the
work failed, 2 the request was wrong, 130 interrupted and resumable. [Errors](errors.md) lists the codes of messages.

${sections.join('\n')}`
}

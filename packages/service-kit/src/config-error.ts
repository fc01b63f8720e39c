/** A setting is missing or wrong. The message lists every problem, so that one start is enough to see them all. */
export class ConfigError extends Error {
  readonly code = 'config-invalid'
  readonly problems: readonly string[]

  constructor(problems: readonly string[]) {
    super(`the settings are not usable:\n${problems.map((problem) => `  - ${problem}`).join('\n')}`)
    this.name = 'ConfigError'
    this.problems = problems
  }
}

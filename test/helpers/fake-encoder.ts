/** An encoder that does what the test says. */
export function fakeEncoder() {
  const outputs: (() => void)[] = []
  const exits: ((error: Error | null) => void)[] = []
  const told: string[] = []
  return {
    told,
    onOutput: (listener: () => void) => void outputs.push(listener),
    onExit: (listener: (error: Error | null) => void) => void exits.push(listener),
    interrupt: () => void told.push('interrupt'),
    kill: () => void told.push('kill'),
    giveOutput: () => {
      for (const listener of outputs) listener()
    },
    exit: (error: Error | null) => {
      for (const listener of exits) listener(error)
    },
  }
}

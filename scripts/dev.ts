/** `npm run dev`: the node restarts when the server's sources change, the browser side is rebuilt when its own do. */
import { type ChildProcess, spawn } from 'node:child_process'

const vite = spawn(process.execPath, ['node_modules/vite/bin/vite.js', 'build', '--watch'], { stdio: 'inherit' })
const node = spawn(process.execPath, ['--watch', 'src/main.ts', ...process.argv.slice(2)], { stdio: 'inherit' })

const both: ChildProcess[] = [vite, node]
for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.on(signal, () => {
    for (const child of both) child.kill(signal)
  })
}
for (const child of both) {
  child.once('exit', (code) => {
    for (const other of both) other.kill('SIGTERM')
    process.exitCode ??= code ?? 1
  })
}

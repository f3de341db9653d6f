/** Express as most people would write it: `node express-server.ts <port> <folder>`. */
import { createRequire } from 'node:module'

// Express brings no types of its own; these are the few things used here.
interface Express {
  get(
    path: string,
    answer: (
      request: { params: { file: string } },
      response: { sendFile(file: string, options: { root: string }): void },
    ) => void,
  ): void
  listen(port: number, host: string): void
}
const express = createRequire(import.meta.url)('express') as () => Express

const [port, root = '.'] = process.argv.slice(2)
const app = express()
app.get('/:file', (request, response) => response.sendFile(request.params.file, { root }))
app.listen(Number(port), '127.0.0.1')

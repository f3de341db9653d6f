/** The least Node's own server can do, one file from memory: `node plain-server.ts <port> <file>`. */
import { readFileSync } from 'node:fs'
import { createServer } from 'node:http'

const [port, file = ''] = process.argv.slice(2)
const body = readFileSync(file)
const headers = ['Content-Type', 'video/mp4', 'Cache-Control', 'no-cache', 'Content-Length', String(body.length)]
createServer((_request, response) => {
  response.writeHead(200, headers)
  response.end(body)
}).listen(Number(port), '127.0.0.1')

/** A thread with an SMTP server and a push service on loopback that take everything and count it. */
import { createServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import { parentPort, workerData } from 'node:worker_threads'
import { SMTPServer } from 'smtp-server'

const { key, cert } = workerData as { key: string; cert: string } // given by the bench that starts it
let mails = 0
let pushes = 0
const smtp = new SMTPServer({
  disabledCommands: ['STARTTLS', 'AUTH'],
  logger: false,
  onData(stream, _session, done) {
    stream.resume().on('end', () => {
      mails++
      done()
    })
  },
})
const push = createServer({ key, cert }, (request, response) => {
  request.resume().on('end', () => {
    pushes++
    response.writeHead(201).end()
  })
})
smtp.listen(0, '127.0.0.1', () => {
  push.listen(0, '127.0.0.1', () => {
    const portOf = (server: { address(): unknown }) => (server.address() as AddressInfo).port // both listen on TCP
    parentPort?.postMessage({ smtpPort: portOf(smtp.server), pushPort: portOf(push) })
  })
})
parentPort?.on('message', () => parentPort?.postMessage({ mails, pushes }))

import { chmodSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { loadSecrets } from '../../src/platform/secrets.ts'

function folder() {
  const path = mkdtempSync(join(tmpdir(), 'footlight-secrets-'))
  onTestFinished(() => rmSync(path, { recursive: true }))
  return path
}

test('secrets are made once, kept, and readable by the node alone', async () => {
  const path = folder()
  const first = await loadSecrets(path)
  const file = join(path, 'secrets.json')
  expect(statSync(file).mode & 0o777).toBe(0o600)
  chmodSync(file, 0o644)
  const second = await loadSecrets(path)
  expect(second.auth.reveal()).toBe(first.auth.reveal())
  expect(second.playback.reveal()).toBe(first.playback.reveal())
  expect(first.auth.reveal()).not.toBe(first.playback.reveal())
  expect(statSync(file).mode & 0o777).toBe(0o600)
})

test('a secret that a newer version needs is added to those there are', async () => {
  const path = folder()
  const auth = 'x'.repeat(43)
  writeFileSync(join(path, 'secrets.json'), JSON.stringify({ auth, later: 'y'.repeat(40) }))
  const secrets = await loadSecrets(path)
  expect(secrets.auth.reveal()).toBe(auth)
  const kept = JSON.parse(readFileSync(join(path, 'secrets.json'), 'utf8'))
  expect(kept).toMatchObject({
    auth,
    later: 'y'.repeat(40),
    playback: secrets.playback.reveal(),
    money: secrets.money.reveal(),
  })
})

test('a damaged file stops the start and is not quoted', async () => {
  const path = folder()
  for (const text of ['{"auth": "sesame-', '{"auth": "sesame"}']) {
    writeFileSync(join(path, 'secrets.json'), text)
    const message = await loadSecrets(path).then(String, (error: Error) => error.message)
    expect(message).toContain('secrets.json cannot be read')
    expect(message).not.toContain('sesame')
  }
})

test('without a folder they last as long as the process', async () => {
  const [one, two] = [await loadSecrets(null), await loadSecrets(null)]
  expect(one.auth.reveal()).not.toBe(two.auth.reveal())
})

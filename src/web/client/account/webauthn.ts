/** Between the JSON the server speaks and the browser's passkeys; the browser's own converters do the work. */
type Json = Record<string, unknown>

export const hasPasskeys =
  typeof PublicKeyCredential !== 'undefined' && 'parseCreationOptionsFromJSON' in PublicKeyCredential

export async function makePasskey(options: Json): Promise<unknown> {
  const publicKey = PublicKeyCredential.parseCreationOptionsFromJSON(
    options as unknown as PublicKeyCredentialCreationOptionsJSON, // the server made it for this
  )
  return asJson(await navigator.credentials.create({ publicKey }))
}

export async function showPasskey(options: Json): Promise<unknown> {
  const publicKey = PublicKeyCredential.parseRequestOptionsFromJSON(
    options as unknown as PublicKeyCredentialRequestOptionsJSON, // the server made it for this
  )
  return asJson(await navigator.credentials.get({ publicKey }))
}

function asJson(credential: Credential | null): unknown {
  if (!(credential instanceof PublicKeyCredential)) throw new Error('no passkey was chosen')
  return credential.toJSON()
}

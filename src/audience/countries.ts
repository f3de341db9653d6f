/** The country an address belongs to, from a MaxMind database (GeoLite2 or any other of that form) in memory. */
import { type CountryResponse, open } from 'maxmind'

export type CountryOf = (address: string) => string | null

/** Without a file nobody's country is known. A file that is renewed is read again. */
export async function openCountries(file: string | null): Promise<CountryOf> {
  if (file === null) return () => null
  const options = { watchForUpdates: true, watchForUpdatesNonPersistent: true }
  const reader = await open<CountryResponse>(file, options).catch((error: unknown) => {
    throw new Error(`GEOIP_FILE cannot be read: ${file}`, { cause: error })
  })
  return (address) => {
    try {
      return reader.get(address)?.country?.iso_code ?? null
    } catch {
      return null // not an address
    }
  }
}

/** The country an address belongs to, from a MaxMind database (GeoLite2 or any other of that form) in memory. */
import { type CountryResponse, open } from 'maxmind'

export type CountryOf = (address: string) => string | null

/** Without a file nobody's country is known. A file that is renewed is read again. */
export async function openCountries(file: string | null): Promise<CountryOf> {
  if (file === null) return () => null
  const reader = await open<CountryResponse>(file, { watchForUpdates: true, watchForUpdatesNonPersistent: true })
  return (address) => {
    try {
      return reader.get(address)?.country?.iso_code ?? null
    } catch {
      return null // not an address
    }
  }
}

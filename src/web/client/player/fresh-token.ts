const IN_ADDRESS = /\/hls\/[\w-]+\//

/**
 * The token is part of every media address. When it is renewed, what hls.js asks for next is asked for with the new one;
 * the addresses it knows stay as they were.
 */
export function createFreshToken(url: string) {
  let newest = IN_ADDRESS.exec(url)?.[0] ?? null

  const fresh = (address: string) => (newest === null ? address : address.replace(IN_ADDRESS, newest))
  return {
    fresh,
    renew(renewed: string): void {
      newest = IN_ADDRESS.exec(renewed)?.[0] ?? newest
    },
    setUp(xhr: { open(method: string, address: string, isAsync: boolean): void }, address: string): void {
      const renewed = fresh(address)
      if (renewed !== address) xhr.open('GET', renewed, true)
    },
  }
}

/** The pattern's parameters when the path fits it (`/c/:slug`), otherwise null. */
export function match(pattern: string, path: string): Record<string, string> | null {
  const wanted = pattern.split('/')
  const given = path.replace(/(?<=.)\/$/, '').split('/')
  if (wanted.length !== given.length) return null
  const found: Record<string, string> = {}
  for (const [index, word] of wanted.entries()) {
    const there = given[index] ?? ''
    if (word.startsWith(':') && there !== '') found[word.slice(1)] = decode(there)
    else if (word !== there) return null
  }
  return found
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}

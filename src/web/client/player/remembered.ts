/** What a viewer chose, kept in this browser. In a frame that may store nothing it is forgotten with the page. */
export type Choice = 'data' | 'line' | 'quality' | 'theatre'

export function recallChoice(name: Choice): string | null {
  try {
    return localStorage.getItem(`footlight.${name}`)
  } catch {
    return null
  }
}

export function rememberChoice(name: Choice, value: string): void {
  try {
    localStorage.setItem(`footlight.${name}`, value)
  } catch {
    // Storage is off or full: the choice holds for this page.
  }
}

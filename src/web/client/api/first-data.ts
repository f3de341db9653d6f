/** What the server wrote into the page for its first paint: taken once, by the page it was meant for. */
export function takeFirstData<T>(path: string): T | null {
  const element = document.getElementById('first-data')
  if (!element || element.dataset.path !== path) return null
  const text = element.textContent ?? ''
  element.remove()
  // Written by our own server from the same views.
  return text === '' ? null : (JSON.parse(text) as T)
}

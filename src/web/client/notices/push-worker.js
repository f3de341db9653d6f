// Runs in the browser's background, as it is: shows what the node pushes, and opens its page when it is pressed.
self.addEventListener('push', (event) => {
  const { id, title, text, path } = event.data.json()
  event.waitUntil(self.registration.showNotification(title, { body: text, tag: id, data: { path } }))
})

self.addEventListener('notificationclick', (event) => {
  event.notification.close()
  const url = new URL(event.notification.data.path, self.location.origin).href
  event.waitUntil(
    self.clients.matchAll({ type: 'window' }).then((pages) => {
      const open = pages.find((page) => page.url === url)
      return open ? open.focus() : self.clients.openWindow(url)
    }),
  )
})

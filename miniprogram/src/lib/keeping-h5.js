// A phone's browser keeps the client itself, so that it opens without a network too (service-worker.js).

/** Once the page is there: nothing that somebody waits for is slowed down. */
export function keepForNextTime() {
  if (!('serviceWorker' in navigator)) return // plain http away from localhost, and old browsers
  addEventListener('load', () => navigator.serviceWorker.register('./sw.js').catch(() => {}), { once: true })
}

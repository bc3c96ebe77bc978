// The client on a phone that has opened it once: it starts from what was kept, at once and without a network.
//
// Kept are the files of one build, nothing of anybody's. A new build is fetched while the old one is in use and takes its
// place at the next start, all its files together; the API is never answered from here.

const BUILD = '__BUILD__'
const FILES = __FILES__
const START = './'

self.addEventListener('install', (event) => {
  event.waitUntil(caches.open(BUILD).then((kept) => kept.addAll([START, ...FILES])))
})

self.addEventListener('activate', (event) => {
  const forgetOthers = (names) => Promise.all(names.filter((name) => name !== BUILD).map((name) => caches.delete(name)))
  event.waitUntil(caches.keys().then(forgetOthers))
})

self.addEventListener('fetch', (event) => {
  const { request } = event
  const url = new URL(request.url)
  if (request.method !== 'GET' || !url.href.startsWith(self.registration.scope)) return
  const isStart = url.origin + url.pathname === self.registration.scope
  const wanted = isStart ? START : url.pathname
  const found = caches.match(wanted, { ignoreVary: true }).then((kept) => kept || fetch(request))
  event.respondWith(found)
})

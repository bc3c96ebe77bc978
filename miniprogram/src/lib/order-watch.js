// One order with its timeline, kept up to date without pulling the page from under who reads it.

import { reactive } from 'vue'
import { Offline, query } from './api'
import { sentence } from './going'
import { drop, keep, kept } from './keeping'

const READING_FROM_PX = 120
const REMEMBERED = 10

/**
 * Its fields: order, events (as shown), news (there is something newer, not shown yet), error.
 * `load()` asks the server; `show()` takes over what is newer; `take(order)` the answer of a command; `scrolled(top)`
 * says how far the page has been moved.
 */
export function watchOrder(id) {
  const before = kept(`seen.order.${id}`)
  const watch = reactive({ order: before?.order || null, events: before?.events || [], news: false, error: '' })
  let newer = null
  let top = 0

  function take(order, events) {
    Object.assign(watch, { order, events: events || watch.events, news: false, error: '' })
    newer = null
    keep(`seen.order.${id}`, { order: watch.order, events: watch.events })
    forgetOldest(id)
  }

  async function load() {
    try {
      const [order, timeline] = await Promise.all([query(`/orders/${id}`), query(`/orders/${id}/timeline`)])
      const reading = watch.order && top > READING_FROM_PX
      if (reading && signOf(order) !== signOf(watch.order)) {
        newer = { order, events: timeline.items }
        watch.news = true
      } else if (!watch.order || !newer) {
        take(order, timeline.items)
      }
    } catch (error) {
      if (!(error instanceof Offline) || !watch.order) watch.error = sentence(error)
    }
  }

  function show() {
    if (newer) take(newer.order, newer.events)
  }

  return Object.assign(watch, { load, show, take, scrolled: (to) => (top = to) })
}

/** The phone remembers the orders that were looked at last, not all of a life. */
function forgetOldest(id) {
  const ids = [id, ...kept('seen.orders', []).filter((each) => each !== id)]
  for (const old of ids.slice(REMEMBERED)) drop(`seen.order.${old}`)
  keep('seen.orders', ids.slice(0, REMEMBERED))
}

/** What makes a difference to the reader; times in words alone do not. */
function signOf(order) {
  return [order.version, order.late, order.asks_if_fixed, order.hold?.until, order.photos.map((each) => each.hidden).join()].join('|')
}

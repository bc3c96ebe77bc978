// A worker's tasks, kept on the phone: in a cellar without a network he still reads where, what and whom to call.
//
// Kept for one person only, and no longer than the task is his: the next list that arrives clears away the others.
// What begins with "seen." goes when another person signs in (lib/me).

import { query } from '../../lib/api'
import { drop, keep, kept } from '../../lib/keeping'
import { orderOf } from '../../lib/lanes'
import { me } from '../../lib/me'
import { onSent, outbox } from '../../lib/outbox'

const AHEAD = 12
const QUOTES = ['WRK', 'MGR']

function owner() {
  return me.person?.account_id
}

function mine(found) {
  return found && found.owner === owner() ? found : null
}

/** { items, at } of the last list, or null. */
export function keptTasks() {
  return mine(kept('seen.tasks'))
}

/** { order, site, events, prices, at } of a task that was opened, or null. */
export function keptTask(id) {
  return mine(kept(`seen.task.${id}`))
}

/** The list from the server; rejects with Refusal or Offline. */
export async function loadTasks() {
  const { items } = await query('/tasks')
  const list = { owner: owner(), items, at: new Date().toISOString() }
  clearBut(items.map((each) => each.id))
  keep('seen.tasks', list)
  return list
}

/**
 * Everything about one task; rejects with Refusal (404: no longer his) or Offline. The prices for a quote are asked once,
 * before the cellar, unless `freshPrices`.
 */
export async function loadTask(id, { freshPrices = false } = {}) {
  const [order, site, timeline] = await Promise.all([
    query(`/orders/${id}`),
    query(`/orders/${id}/site`),
    query(`/orders/${id}/timeline`),
  ])
  const known = freshPrices ? null : keptTask(id)?.prices
  const prices = known || (await pricesFor(order))
  const task = { owner: owner(), order, site, events: timeline.items, prices, at: new Date().toISOString() }
  if (me.person?.role !== 'WRK') return task // a desk looks in; it has no list that would clear it away
  keep(`seen.task.${id}`, task)
  keep('seen.task.ids', [...new Set([...kept('seen.task.ids', []), id])])
  return task
}

/** What a quote may name; null where none is written. */
async function pricesFor(order) {
  if (order.menu === 'PUB' || !QUOTES.includes(me.person?.role)) return null
  return query(`/orders/${order.id}/quote-items`)
}

/** Fetch what was never opened, so that it can be read later without a network. Never fails. */
export async function fetchAhead(items) {
  for (const { id } of items.filter((each) => !keptTask(each.id)).slice(0, AHEAD)) {
    try {
      await loadTask(id)
    } catch {
      return
    }
  }
}

/** For a form: the task from the server, else from this phone; null when neither has it. */
export async function taskFor(id, how) {
  try {
    return await loadTask(id, how)
  } catch {
    return keptTask(id)
  }
}

export function forgetTask(id) {
  drop(`seen.task.${id}`)
  keep('seen.task.ids', kept('seen.task.ids', []).filter((each) => each !== id))
}

function clearBut(ids) {
  const waiting = outbox.entries.map((entry) => orderOf(entry.lane))
  for (const id of kept('seen.task.ids', [])) if (!ids.includes(id) && !waiting.includes(id)) forgetTask(id)
}

// A step that was replayed brings the order as it stands now.
onSent((entry, answer) => {
  const id = orderOf(entry.lane)
  const task = id && keptTask(id)
  if (task && answer.id === id) keep(`seen.task.${id}`, { ...task, order: answer })
})

// A promise as the people see it who have to keep it: what, by when, how much is left. Pure.

import { before, countdown, duration } from './words.js'

const WARNING_MS = 10 * 60 * 1000

/** ok, warn or late: how a running promise stands; always shown with words. */
export function urgencyOf(dueAt, now, warnAt = null) {
  const due = new Date(dueAt).getTime()
  if (now > due) return 'late'
  const warn = warnAt ? new Date(warnAt).getTime() : due - WARNING_MS
  return now >= warn ? 'warn' : 'ok'
}

/** { key, title, words, left, look } of one promise; `left` counts down while it runs. */
export function promiseLine(promise, now) {
  const running = promise.state === 'pending' || (promise.state === 'fired' && !promise.stopped_at && promise.clock !== 'C5')
  const again = promise.round > 0 ? '(重开后)' : ''
  const said = {
    key: `${promise.clock}.${promise.round}`,
    title: `${promise.label}${again}`,
    words: promise.words.replace(promise.label, ''), // the label stands before them already
    left: '',
    look: promise.breached ? 'late' : '',
  }
  if (!running) return said
  return {
    ...said,
    words: before(promise.due_at, now),
    left: countdown(promise.due_at, now),
    look: urgencyOf(promise.due_at, now, promise.warn_at),
  }
}

/** 还剩 12 分钟 for the head of an order, empty when nothing is promised. */
export function nextDue(order, now) {
  return order.next_due_at ? countdown(order.next_due_at, now) : ''
}

/** How long somebody has been waiting, for an order that nobody has accepted. */
export function waitingFor(order, now) {
  return `报修 ${duration(now - new Date(order.submitted_at).getTime())}了`
}

const BRIEF = 40

/** A long report in a list: its beginning; the whole text is one tap away. */
export function brief(text) {
  return text.length > BRIEF ? `${text.slice(0, BRIEF)}…` : text
}

// What proves something, and days to choose from. Pure.

import { clockTime, day, moment, weekday } from '../../lib/words.js'

export const EVIDENCE_LEAST = 4
const CHINA_MS = 8 * 3600 * 1000
const DAY_MS = 24 * 3600 * 1000
const CLOSING_MS = 18 * 3600 * 1000
const LONGEST_MS = 90 * DAY_MS

/** Whether an order's number stands in the words: R1121-0042. */
export function numberIn(words) {
  return /(^|[^0-9A-Z])[BRE]\d{4}-\d{4,18}(?!\d)/.test(words.toUpperCase())
}

function closing(now, days) {
  return Math.floor((now + CHINA_MS) / DAY_MS) * DAY_MS - CHINA_MS + days * DAY_MS + CLOSING_MS
}

function option(text, at, now) {
  return { code: new Date(at).toISOString(), text, hint: moment(at, now) }
}

/** When somebody else may be done. */
export function partyDays(order, now) {
  const days = [['今天下班前', 0], ['明天', 1], ['三天内', 3], ['一个星期内', 7], ['一个月内', 30]]
  return days.map(([text, count]) => option(text, closing(now, count), now)).filter((each) => Date.parse(each.code) > now)
}

/** Days after the promise that stands, ninety days ahead at most (T19). */
export function specialDays(order, now) {
  const due = [...(order.promises || [])].reverse().find((each) => each.clock === 'C3')
  const after = Math.max(now, due ? Date.parse(due.due_at) : 0)
  return [3, 5, 7, 10, 14, 21, 30, 45, 60, 89]
    .map((count) => closing(now, count))
    .filter((at) => at > after && at <= now + LONGEST_MS)
    .map((at) => ({ code: new Date(at).toISOString(), text: `${day(at, now)} ${weekday(at)}`, hint: `${clockTime(at)} 前` }))
}

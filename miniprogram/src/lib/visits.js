// The times at which a worker can come, as people choose them: first the day, then two hours of it.

import { clockTime, day, weekday } from './words'

const CHINA_MS = 8 * 3600 * 1000
const DAY_MS = 24 * 3600 * 1000
const DASH = '\u2060–\u2060' // with word joiners: no line ends inside a span of time
const NEAR = ['今天', '明天', '后天'] // need no day of the week

/** The days of these slots: [{ key, title, hint, full, slots }], in their order. */
export function daysOf(slots, now = Date.now()) {
  const days = []
  for (const slot of slots) {
    const key = Math.floor((new Date(slot.begins_at).getTime() + CHINA_MS) / DAY_MS)
    let found = days.find((each) => each.key === key)
    if (!found) days.push((found = { key, slots: [] }))
    found.slots.push(slot)
  }
  return days.map((each) => told(each, now))
}

function told({ key, slots }, now) {
  const begins = slots[0].begins_at
  const free = slots.filter((slot) => slot.free > 0).length
  const near = day(begins, now)
  const date = dateOf(begins)
  return {
    key,
    slots,
    full: free === 0,
    title: `${near} ${weekday(begins)}`,
    hint: `${near === date ? '' : `${date},`}${free ? `有 ${free} 个时段可以约` : '已约满'}`,
  }
}

/** 11月25日 */
export function dateOf(instant) {
  const at = new Date(new Date(instant).getTime() + CHINA_MS)
  return `${at.getUTCMonth() + 1}月${at.getUTCDate()}日`
}

/** 上午 08:00–10:00 */
export function hoursOf(slot) {
  const hour = Number(clockTime(slot.begins_at).slice(0, 2))
  const part = hour < 12 ? '上午' : hour < 18 ? '下午' : '晚上'
  return `${part} ${clockTime(slot.begins_at)}${DASH}${clockTime(slot.ends_at)}`
}

/** 还能约 3 户 */
export function placesLeft(slot) {
  return slot.free > 0 ? `还能约 ${slot.free} 户` : '已约满,请选别的时段'
}

/** 明天 上午 08:00–10:00, 11月28日 周六 上午 08:00–10:00 */
export function visitWords(slot, now = Date.now()) {
  const when = day(slot.begins_at, now)
  return [when, NEAR.includes(when) ? '' : weekday(slot.begins_at), hoursOf(slot)].filter(Boolean).join(' ')
}

// Moments offered as large buttons, so that nobody types a time on a ladder. Pure; the district's clock is China's.

import { clockTime, day, duration, moment, weekday } from '../../lib/words.js'

const CHINA_MS = 8 * 3600 * 1000
const HOUR_MS = 3600 * 1000
const MINUTE_MS = 60 * 1000
const DAY_MS = 24 * HOUR_MS
const LEAST_MS = HOUR_MS / 2
const CLOSING = 18
const EVENING = 21

/** The instant at which it is `hour` o'clock in China, so many days after `now`. */
function chinaHour(now, days, hour) {
  const midnight = Math.floor((now + CHINA_MS) / DAY_MS) * DAY_MS - CHINA_MS
  return midnight + days * DAY_MS + hour * HOUR_MS
}

function option(text, at, now) {
  return { text, at: new Date(at).toISOString(), hint: moment(at, now) }
}

/** 预计什么时候修好: only moments that are at least half an hour ahead. */
export function finishOptions(now = Date.now()) {
  const soon = Math.ceil((now + HOUR_MS) / 300000) * 300000
  return [
    ['一小时内', soon],
    ['今天下班前', chinaHour(now, 0, CLOSING)],
    ['今天晚上', chinaHour(now, 0, EVENING)],
    ['明天中午', chinaHour(now, 1, 12)],
    ['明天下班前', chinaHour(now, 1, CLOSING)],
    ['后天下班前', chinaHour(now, 2, CLOSING)],
  ]
    .filter(([, at]) => at - now >= LEAST_MS)
    .map(([text, at]) => option(text, at, now))
}

const LONGER_MS = 2 * DAY_MS

/** Days until which an extension may be asked: after the limit that stands, and at most two days longer (S3-17). */
export function extensionOptions(dueAt, now = Date.now()) {
  const due = new Date(dueAt).getTime()
  const last = due + LONGER_MS
  const found = []
  for (let days = 0; chinaHour(now, days, CLOSING) < last; days += 1) {
    const at = chinaHour(now, days, CLOSING)
    if (at > due) found.push(wish(at, now))
  }
  return [...found, wish(last, now)]
}

function wish(at, now) {
  return { text: `${day(at, now)} ${weekday(at)}`, at: new Date(at).toISOString(), hint: `${clockTime(at)} 前` }
}

const CALLS_APART_MS = 5 * 60 * 1000
const ARRIVALS = ['check_in', 'end_hold']

/** The instants of the calls that count: since the worker came to the door this time. `events` is the timeline. */
export function callsSince(events) {
  const came = events.filter((event) => ARRIVALS.includes(event.action)).map((event) => new Date(event.at).getTime())
  const since = Math.max(0, ...came)
  return events.filter((event) => event.action === 'log_call' && new Date(event.at).getTime() >= since).map((event) => event.at)
}

/** Whether two of these calls lie at least five minutes apart (T14); `calls` are instants. */
export function calledTwice(calls) {
  const times = calls.map((at) => new Date(at).getTime())
  return times.length > 1 && Math.max(...times) - Math.min(...times) >= CALLS_APART_MS
}

/** When the second call counts, from the first one: an instant in ms. */
export function secondCallFrom(calls) {
  return Math.min(...calls.map((at) => new Date(at).getTime())) + CALLS_APART_MS
}

/** 请在 4 分钟内确认,否则派给别的师傅 (C12); empty when nobody waits for an answer. */
export function answerWords(answerBy, now) {
  if (!answerBy) return ''
  const left = new Date(answerBy).getTime() - now
  if (left < 0) return '确认的时间已过,正在派给别的师傅'
  return left < MINUTE_MS ? '请马上确认,否则派给别的师傅' : `请在 ${duration(left)}内确认,否则派给别的师傅`
}

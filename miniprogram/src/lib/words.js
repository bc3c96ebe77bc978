// Times and amounts as people say them (faces.md). The phone's own time zone does not matter: a district lives in China.

const CHINA_MS = 8 * 3600 * 1000
const DAY_MS = 24 * 3600 * 1000
const NEAR = { '-1': '昨天', 0: '今天', 1: '明天', 2: '后天' }
const WEEKDAYS = ['周日', '周一', '周二', '周三', '周四', '周五', '周六']

function china(instant) {
  return new Date(new Date(instant).getTime() + CHINA_MS)
}

function two(number) {
  return String(number).padStart(2, '0')
}

/** 14:40 */
export function clockTime(instant) {
  const at = china(instant)
  return `${two(at.getUTCHours())}:${two(at.getUTCMinutes())}`
}

/** 今天, 明天, 11月25日, 2027年1月3日 */
export function day(instant, now = Date.now()) {
  const [at, here] = [china(instant), china(now)]
  const days = Math.floor(at.getTime() / DAY_MS) - Math.floor(here.getTime() / DAY_MS)
  if (NEAR[days]) return NEAR[days]
  const year = at.getUTCFullYear() === here.getUTCFullYear() ? '' : `${at.getUTCFullYear()}年`
  return `${year}${at.getUTCMonth() + 1}月${at.getUTCDate()}日`
}

/** 周三 */
export function weekday(instant) {
  return WEEKDAYS[china(instant).getUTCDay()]
}

/** 今天 14:40 */
export function moment(instant, now = Date.now()) {
  return `${day(instant, now)} ${clockTime(instant)}`
}

/** 今天 14:40 前 */
export function before(instant, now = Date.now()) {
  return `${moment(instant, now)} 前`
}

/** 明天 09:00–11:00 */
export function span(begins, ends, now = Date.now()) {
  return `${moment(begins, now)}–${clockTime(ends)}`
}

/** 12 分钟, 1 小时 20 分钟, 3 天 */
export function duration(ms) {
  const minutes = Math.floor(ms / 60000)
  if (minutes < 1) return '不到 1 分钟'
  if (minutes < 60) return `${minutes} 分钟`
  if (minutes < 24 * 60) return minutes % 60 ? `${Math.floor(minutes / 60)} 小时 ${minutes % 60} 分钟` : `${minutes / 60} 小时`
  return `${Math.floor(minutes / 1440)} 天`
}

/** 还剩 12 分钟 / 已超 12 分钟 */
export function countdown(due, now = Date.now()) {
  const left = new Date(due).getTime() - now
  return left >= 0 ? `还剩 ${duration(left)}` : `已超 ${duration(-left)}`
}

/** ¥12.30 from fen */
export function yuan(fen) {
  return `¥${(fen / 100).toFixed(2)}`
}

/** 12.5 -> 1250; null for what is no amount. */
export function fenOf(text) {
  const said = text.trim()
  return /^\d{1,5}(\.\d{1,2})?$/.test(said) ? Math.round(Number(said) * 100) : null
}

// An order told to the person who reported it: where it stands, what is promised next, why it is late (faces.md).
//
// Times that the server has put into words are taken as they are: its clock counts, not the phone's.

import { spokenQuote, waitsForAnswer } from './quotes'
import { before, duration, span } from './words'

const SAYINGS = {
  SUBMITTED: () => '等小区物业接单',
  HOTLINE: () => '已转 962121 热线,热线会联系您,请保持电话畅通',
  ACCEPTED: () => '小区物业已接单,正在安排师傅',
  ASSIGNED: (who) => `已安排${who}`,
  ON_WAY: (who) => `${who}已在路上`,
  VERIFIED: (who) => `${who}已到现场看过`,
  QUOTED: (who) => `${who}报了价,等您答复`,
  WORKING: (who) => `${who}正在处理`,
  HOLD_THIRD: () => '等专业单位处理',
  HOLD_FUND: () => '正在征询维修资金',
  HOLD_RESIDENT: (who, order) => (order.status_label === AGREED ? `已约好 ${visitOf(order)} 上门` : '师傅来过,等您约新的时间'),
  DONE: () => '已处理好,请您看一看',
  CLOSED: () => '已办结',
  REJECTED: (who, order) => (order.appeal && order.appeal.upheld === null ? '已申诉,等街道或房管局答复' : '物业没有受理'),
  CANCELLED: () => '已取消',
}
const PROMISES = {
  SUBMITTED: (when) => `小区物业 ${when}答复您`,
  ACCEPTED: (when) => `师傅 ${when}到`,
  ASSIGNED: (when, who) => `${who} ${when}到`,
  ON_WAY: (when, who) => `${who} ${when}到`,
  VERIFIED: (when) => `${when}修好`,
  WORKING: (when, who, order) => workingUntil(when, who, order),
  DONE: (when) => `您 ${when}没有回复,会自动办结`,
}
const NOBODY_YET = ['SUBMITTED', 'ACCEPTED', 'ASSIGNED', 'ON_WAY']
const LATE_WORDS = '已超'
const AGREED = '已约好上门时间' // the server's label of a hold whose new time is chosen

/** 王师傅, or 师傅 while nobody is named. */
export function whoOf(order) {
  return order.worker || '师傅'
}

/** 王师傅已在路上 */
export function statusWords(order) {
  const said = SAYINGS[order.status]
  return said ? said(whoOf(order), order) : order.status_label
}

/** 王师傅 今天 14:40 前 到; empty when nothing is promised. */
export function promiseWords(order) {
  if (isAgreed(order)) return `${whoOf(order)} ${visitOf(order)} 上门`
  if (!order.next_due_at || !PROMISES[order.status]) return ''
  if (order.next_due_words.startsWith(LATE_WORDS)) return `${order.next_due_words},已通知物业经理`
  return PROMISES[order.status](order.next_due_words, whoOf(order), order)
}

/** After 没修好 somebody first comes again; a line of a list does not know which of the two is next. */
function workingUntil(when, who, order) {
  if (!order.promises) return `下一步 ${when}`
  const again = order.round > 0 && promiseOf(order, 'C2')
  return again && !again.stopped_at ? `${who} ${when}再到现场` : `${when}修好`
}

/** A visit at a time that the resident has chosen, and nobody has come yet. */
export function isAgreed(order) {
  return Boolean(order.slot_begins_at) && NOBODY_YET.includes(order.status) && !(order.round > 0)
}

/** 明天 09:00–11:00, the chosen time. */
export function visitOf(order) {
  return span(order.slot_begins_at, order.slot_ends_at)
}

/** The promise of this clock in the present round, or undefined. */
export function promiseOf(order, clock) {
  return order.promises.find((each) => each.clock === clock && each.round === order.round)
}

/** Why it is late, in one sentence; empty when it is not. What still goes on is said before what is over. */
export function lateWords(order) {
  const missed = ['C3', 'C2-APT', 'C2', 'C1'].map((clock) => promiseOf(order, clock)).filter((each) => each?.breached)
  const running = missed.find((each) => !each.stopped_at)
  if (running) return RUNNING[running.clock](running, order)
  return missed.length ? OVER[missed[0].clock](missed[0]) : ''
}

const RUNNING = {
  C1: (promise, order) => `小区物业没有在 ${limitOf(promise, order)}内接单,已转 962121 热线,热线会联系您`,
  C2: (promise, order) => `已超过 ${limitOf(promise, order)},师傅还没有到,已通知物业经理,他会联系您`,
  'C2-APT': () => '师傅没有在约好的时间上门,对不起,已通知物业经理,他会打电话和您另约时间',
  C3: (promise) => `没有在 ${before(promise.due_at)}修好,对不起,已通知物业经理,他会告诉您新的安排`,
}
const OVER = {
  C1: (promise) => `接单比答应的晚了 ${over(promise)},对不起,这次超时已记下`,
  C2: (promise) => `师傅比答应的晚到了 ${over(promise)},对不起,这次超时已记下`,
  'C2-APT': (promise) => `师傅比约好的晚到了 ${over(promise)},对不起,这次失约已记下`,
  C3: (promise) => `修好比答应的晚了 ${over(promise)},对不起,这次超时已记下`,
}

/** 30 分钟: how long the company had; in a later round the recheck has a day. */
function limitOf(promise, order) {
  if (promise.round > 0) return '24 小时'
  return duration(new Date(promise.due_at) - new Date(order.submitted_at))
}

function over(promise) {
  return duration(new Date(promise.stopped_at) - new Date(promise.due_at))
}

/** What the person himself is asked for, for a line of a list; empty when nobody waits for him. */
export function turnWords(line) {
  return Object.keys(TURNS).filter((action) => line.actions?.some((each) => each.action === action)).map((action) => TURNS[action])[0] || ''
}

const TURNS = { give_info: '请您补充信息', agree_quote: '请看报价,同意了才动工', appeal: '不同意可以申诉' }

/** What 听一听 reads: matter, place, where it stands, what is asked of the listener, what comes next. */
export function spokenSummary(order) {
  const parts = [`${order.category},${order.place}`, statusWords(order), order.standstill?.words || '']
  parts.push(lateWords(order) || (order.standstill ? '' : order.explanation) || promiseWords(order))
  if (waitsForAnswer(order)) parts.push(spokenQuote(order.quote))
  if (order.question?.open) parts.push(order.question.words)
  for (const told of [order.appeal, order.merged_into]) if (told) parts.push(told.words)
  if (order.asks_if_fixed) parts.push('请告诉我们,修好了吗')
  return parts.filter(Boolean).map((part) => part.replace(/。$/, '')).join('。') + '。'
}

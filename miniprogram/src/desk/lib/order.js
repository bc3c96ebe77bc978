// What the desk's page of one order offers: which actions stand first, and where each of them leads. Pure.

import { moment } from '../../lib/words.js'
import { FORMS } from './forms.js'

/** Actions in the order in which they are offered; the server's `actions` decide which of them exist. */
const FIRST = [
  'accept',
  'assign',
  'agree_cancel',
  'refuse_cancel',
  'approve_extension',
  'refuse_extension',
  'choose_slot',
  'tell_fund',
  'hold_fund',
  'unmerge',
]
const ON_SITE = ['check_in', 'quote', 'start', 'finish']
const ASIDE = ['log_call', 'add_photos', 'end_hold', 'request_extension', 'to_hotline', 'reject']
/** What is rare stands behind 别的处理. */
const RARE = [
  'ask_info',
  'merge',
  'transfer',
  'change_urgency',
  'recategorise',
  'waive',
  'hold_third',
  'need_fund',
  'close_fund',
  'request_special',
  'record_cash',
]
/** All of them: an action without a place would be a button that nobody draws. */
export const PLACES = [...FIRST, ...ON_SITE, ...ASIDE, ...RARE]

/** Pages on which an action is carried out; those of the worker are for whoever stands on site. */
export const PAGES = {
  assign: '/desk/assign/assign',
  quote: '/worker/quote/quote',
  check_in: '/worker/check-in/check-in',
  finish: '/worker/finish/finish',
  request_extension: '/worker/extension/extension',
}

/** Where an action is carried out; empty for what a dialog asks, or nothing. */
export function pageOf(action, id) {
  if (FORMS[action]) return `/desk/form/form?action=${action}&id=${id}`
  return PAGES[action] ? `${PAGES[action]}?id=${id}` : ''
}

/** { first, onSite, aside, rare }: buttons { action, label } as the server names them. */
export function offered(actions) {
  const pick = (wanted) => wanted.map((name) => actions.find((each) => each.action === name)).filter(Boolean)
  return { first: pick(FIRST), onSite: pick(ON_SITE), aside: pick(ASIDE), rare: pick(RARE) }
}

const FOR_RESIDENTS = {
  待您预约: '挂起,等居民约时间',
  请确认报价: '已报价,等居民同意',
  待专业单位: '挂起,等专业单位',
  维修资金征询中: '挂起,维修资金征询中',
  '已处理(请评价)': '已处理,等居民确认',
  '不予受理(可申诉)': '不予受理',
}

/** Where it stands, told to the desk: the server's labels speak to the resident. */
export function statusWords(label) {
  return FOR_RESIDENTS[label] || label
}

const METHODS = { qr: '扫了点位码', gps: '手机定位', none: '没有定位' }

/** 扫了点位码 / 手机定位,离小区 120 米 / 没有定位(定位异常) */
export function proofWords(visit) {
  const far = visit.method === 'gps' && visit.distance_m !== null ? `,离小区中心 ${metres(visit.distance_m)}` : ''
  return `${METHODS[visit.method] || visit.method}${far}${visit.flagged ? '(定位异常)' : ''}`
}

function metres(count) {
  return count < 1000 ? `${count} 米` : `${(count / 1000).toFixed(1)} 公里`
}

/**
 * Why it stands where it stands, what somebody was asked, where it has gone: sentences for the head of the page.
 * `events` is the timeline; a wish to cancel is told in the resident's own words.
 */
export function situation(order, events = [], now = Date.now()) {
  return [
    ...(order.marks || []),
    order.standstill?.words,
    order.merged_into?.words,
    order.transfer?.words,
    order.appeal?.words,
    order.special?.words,
    questionWords(order.question),
    quoteWords(order.quote),
    cancelWords(order, events, now),
  ].filter(Boolean)
}

function questionWords(asked) {
  if (!asked) return ''
  if (asked.answer) return `居民补充:${asked.answer}`
  return asked.open ? `已请居民补充:${asked.question}` : `问过居民:${asked.question}。${asked.words}`
}

function quoteWords(quote) {
  return quote?.state === 'waiting' ? `报价 ${quote.total_words},等居民同意` : ''
}

function cancelWords(order, events, now) {
  if (!order.cancel_asked_at) return ''
  const why = events.filter((event) => event.action === 'ask_cancel').at(-1)?.note
  return `居民 ${moment(order.cancel_asked_at, now)} 申请取消${why ? `:${why}` : ''}`
}

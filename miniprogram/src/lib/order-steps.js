// 维修进度 as five steps a resident understands (S3-13): reported, accepted, visited, mended, confirmed.
//
// Built from the order and its timeline. After 没修好 the third and fourth step begin anew; the first two stay.

import { before, moment } from './words'
import { isAgreed, promiseOf, promiseWords, statusWords, visitOf, whoOf } from './order-words'

const ENDINGS = { REJECTED: '物业没有受理', CANCELLED: '您已取消', MERGED: '已并入同类报修' }
const COMING = ['ACCEPTED', 'ASSIGNED', 'ON_WAY']
const STANDS_STILL = {
  HOLD_RESIDENT: (order) => order.hold?.reason_label || '',
  QUOTED: () => '您同意了才动工,期间不计时',
  HOLD_THIRD: (order) => (order.standstill ? `在等${order.standstill.party},期间不计时` : '期间不计时'),
  HOLD_FUND: () => '先征询业主意见,期间不计时',
}

/** [{ title, at, words, state }]: at is an instant or null, state is done, now or later. */
export function stepsOf(order, events) {
  const round = events.slice(lastOf(events, 'reopen') + 1)
  if (ENDINGS[order.status]) return [reported(order), ended(order, events)]
  const begun = [reported(order), accepted(order, events), visited(order, round)]
  const unmended = order.status === 'CLOSED' && round.find((event) => UNMENDED[event.action])
  if (unmended) return [...begun, notMended(unmended)].map((step) => ({ ...step, state: 'done' }))
  const steps = [...begun, mended(order, events, round), confirmed(order, round)]
  const current = steps.findIndex((step) => !step.at)
  return steps.map((step, index) => ({ ...step, state: step.at ? 'done' : index === current ? 'now' : 'later' }))
}

function reported(order) {
  return { title: '您已报修', at: order.submitted_at, words: `编号 ${order.number}`, state: 'done' }
}

function accepted(order, events) {
  const anew = Math.max(lastOf(events, 'uphold_appeal'), lastOf(events, 'unmerge'))
  const taken = events.find((event, index) => index >= anew && ['accept', 'unmerge'].includes(event.action))
  if (taken) return { title: taken.label, at: taken.at, words: '' }
  const words = order.status === 'HOTLINE' ? '已转 962121 热线,热线会联系您' : promiseWords(order)
  return { title: '小区物业接单', at: null, words }
}

function visited(order, round) {
  const came = round.filter((event) => event.action === 'check_in').pop()
  if (came) return { title: `${whoOf(order)}已到现场`, at: came.at, words: came.note }
  return { title: '师傅上门', at: null, words: comingWords(order) }
}

function comingWords(order) {
  if (order.round > 0) {
    const again = promiseOf(order, 'C2')
    return again ? `${whoOf(order)} ${before(again.due_at)}再到现场` : `${whoOf(order)}会再到现场`
  }
  if (isAgreed(order)) return `${whoOf(order)} ${visitOf(order)} 上门`
  return COMING.includes(order.status) ? promiseWords(order) : ''
}

function mended(order, events, round) {
  const done = round.filter((event) => event.action === 'finish').pop()
  if (done) return { title: '已修好', at: done.at, words: done.note }
  if (STANDS_STILL[order.status]) return { title: statusWords(order), at: null, words: STANDS_STILL[order.status](order) }
  const again = order.round > 0 ? '您说没修好,正在重新处理。' : ''
  const until = order.expected_at ? `预计 ${before(order.expected_at)}修好` : mendedBy(order)
  return { title: '修理', at: null, words: `${again}${until}` }
}

function mendedBy(order) {
  const due = promiseOf(order, 'C3')
  return due && !due.stopped_at && order.status !== 'SUBMITTED' ? `${before(due.due_at)}修好` : ''
}

/** It ended without a repair: nobody home, the price not agreed to, the owners' money not granted. */
const UNMENDED = {
  unreachable: ['两次上门家里没人,先办结了', () => '还需要修,点“没修好”,师傅会再来'],
  decline_quote: ['没有维修,已办结', (event) => (event.role === 'SYS' ? '24 小时没有收到您的答复' : '您没有同意报价')],
  close_fund: ['征询没有通过,已办结', (event) => event.note],
}

function notMended(event) {
  const [title, words] = UNMENDED[event.action]
  return { title, at: event.at, words: words(event) }
}

function confirmed(order, round) {
  const byItself = round.some((event) => event.action === 'confirm' && event.role === 'SYS')
  const words = byItself ? '到期没有收到您的回复,自动办结' : '谢谢您'
  if (order.status === 'CLOSED') return { title: '已办结', at: order.closed_at, words }
  return { title: '您看一看、评价', at: null, words: order.status === 'DONE' ? promiseWords(order) : '' }
}

function ended(order, events) {
  const last = [...events].reverse().find((event) => event.status === order.status)
  const title = last?.action === 'agree_cancel' ? last.label : ENDINGS[order.status]
  return { title, at: last?.at || order.submitted_at, words: last?.note || '', state: 'done' }
}

function lastOf(events, action) {
  return events.map((event) => event.action).lastIndexOf(action)
}

/** Everything that happened, for who wants to know it all: [{ at, words }], the newest first. */
export function storyOf(events) {
  return events
    .map((event) => ({ key: event.seq, at: moment(event.at), words: `${event.label}${by(event)}`, note: event.note }))
    .reverse()
}

function by(event) {
  return event.actor && event.role !== 'RES' ? `(${event.actor})` : ''
}

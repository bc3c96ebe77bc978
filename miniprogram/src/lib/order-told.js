// What the person has to know about an order beside its steps: a question to him, why it stands still, a refusal and
// what can be done about it, where it has gone. Each is a card with at most one button.

import { promiseWords, statusWords } from './order-words'
import { before, moment } from './words'

const HOUR_MS = 3600 * 1000
export const APPEAL_HOURS = 72 // app/orders/rules.py; a test compares them
const OVER = ['DONE', 'CLOSED', 'CANCELLED']
const STILL = { THIRD: '在等专业单位', FUND: '在征询维修资金' }

/**
 * [{ key, title, words, asks, button }]: words are sentences, `asks` says that the person himself is waited for, button is
 * { text, url, action }, to be drawn where the server names the action (or where there is none).
 */
export function toldOf(order, events) {
  return [question, rejected, appeal, merged, cancelling, standstill, special].flatMap((tell) => tell(order, events) || [])
}

function question({ id, question: asked }) {
  if (!asked) return null
  if (!asked.open) return { key: 'question', title: '补充信息', words: [`物业问:${asked.question}`, answered(asked)] }
  return {
    key: 'question',
    title: '物业请您补充信息',
    words: [asked.words, '等您补充的时候,修好的时限不计时。'],
    asks: true,
    button: { text: '去补充', url: `/pages/info/info?id=${id}`, action: 'give_info' },
  }
}

function answered(asked) {
  return asked.answer ? `您答:${asked.answer}` : asked.words
}

function rejected(order, events) {
  if (order.status !== 'REJECTED') return upheld(order, events)
  const refusal = lastEvent(events, 'reject')
  const words = refusal?.note ? [`原因是:${refusal.note}`] : []
  if (order.appeal) return { key: 'rejected', title: '物业没有受理', words }
  const until = refusal ? before(new Date(refusal.at).getTime() + APPEAL_HOURS * HOUR_MS) : ''
  const button = { text: '我要申诉', url: `/pages/appeal/appeal?id=${order.id}`, action: 'appeal' }
  const can = order.actions.some((each) => each.action === 'appeal')
  if (can) words.push(`您不同意,可以在 ${until}申诉,由街道或房管局判断。`)
  return { key: 'rejected', title: '物业没有受理', words, asks: can, button }
}

/** After an appeal the order begins anew; until somebody has accepted it, the reason stands here. */
function upheld(order, events) {
  const decision = lastEvent(events, 'uphold_appeal')
  if (!decision || order.status !== 'SUBMITTED') return null
  return { key: 'upheld', title: '您的申诉成立', words: ['这张工单已重新交给物业处理。', decision.note].filter(Boolean) }
}

function appeal({ appeal: asked }) {
  if (!asked) return null
  return { key: 'appeal', title: '您的申诉', words: [asked.words, asked.reason, `您写的:${asked.text}`].filter(Boolean) }
}

function merged({ merged_into: master }) {
  if (!master) return null
  const stands = master.status ? [`那张工单现在:${statusWords(master)}`, promiseWords(master)].filter(Boolean).join('。') : ''
  const url = `/more/followed/followed?id=${master.order_id}`
  const button = master.following ? { text: `看 ${master.number} 的进展`, url } : null
  return { key: 'merged', title: '同一个问题,一起处理', words: [master.words, stands].filter(Boolean), button }
}

function cancelling(order, events) {
  if (OVER.includes(order.status)) return null
  if (order.cancel_asked_at) {
    const meanwhile = order.status === 'QUOTED' ? '' : '物业同意之前,维修照常。'
    const words = `${moment(order.cancel_asked_at)} 申请的,等物业答复。${meanwhile}`
    return { key: 'cancelling', title: '您申请了取消', words: [words] }
  }
  const last = [...events].reverse().find((event) => ['ask_cancel', 'refuse_cancel', 'reopen'].includes(event.action))
  if (last?.action !== 'refuse_cancel') return null
  return { key: 'cancelling', title: '物业没有同意取消', words: [last.note || '物业建议继续维修'] }
}

function standstill({ standstill: still }) {
  if (!still) return null
  const expected = still.expected_at ? [`预计 ${moment(still.expected_at)} 有结果。`] : []
  return { key: 'standstill', title: STILL[still.kind] || '现在停着', words: [still.words, ...expected] }
}

function special({ special: asked }) {
  if (!asked || (asked.decided && !asked.granted_until)) return null
  return { key: 'special', title: '特别延期', words: [asked.words, `原因:${asked.reason}`, `安排:${asked.plan}`] }
}

export function lastEvent(events, action) {
  return [...events].reverse().find((event) => event.action === action)
}

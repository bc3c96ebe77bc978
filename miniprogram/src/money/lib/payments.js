// A payment in words. What became of it is the server's word; a phone only knows what it has asked for. Pure.

import { moment, yuan } from '../../lib/words.js'

const WAITING = ['created', 'open', 'closing']

/** Whether nobody knows yet how it ends. */
export function isWaiting(payment) {
  return WAITING.includes(payment.state)
}

export function may(payment, action) {
  return payment.actions.some((each) => each.action === action)
}

/** 第 1 笔 / 共 2 笔 */
export function progressWords(payments, payment) {
  return payments.length > 1 ? `第 ${payments.indexOf(payment) + 1} 笔 / 共 ${payments.length} 笔` : ''
}

/** What was paid of these, in fen. */
export function paidOf(payments) {
  return payments.filter((each) => each.state === 'paid').reduce((sum, each) => sum + each.amount_fen, 0)
}

/** One line of the history: 已支付,11月22日 14:40 */
export function stateWords(payment, now = Date.now()) {
  const at = payment.paid_at || payment.created_at
  return `${payment.words},${moment(at, now)}`
}

/** 已退回 ¥20.00; empty while nothing has gone back. */
export function refundedWords(payment) {
  return payment.refunded_fen ? `已退回 ${yuan(payment.refunded_fen)}` : ''
}

/** For MoneyLines. */
export function linesOf(payment) {
  return payment.lines.map((line) => ({
    label: line.label,
    fen: line.amount_fen,
    note: line.refunded_fen ? `已退回 ${yuan(line.refunded_fen)}` : '',
  }))
}

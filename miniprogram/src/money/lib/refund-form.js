// 申请退款: why, and how much. Pure.

import { fenOf, yuan } from '../../lib/words.js'

/** Codes and words are the server's (app/payments/refund_rules.py; a test compares them). */
export const REASONS = [
  { code: 'double', text: '多付了一次' },
  { code: 'wrong', text: '付错了' },
  { code: 'not_done', text: '没有修或没有修好' },
  { code: 'agreed', text: '与物业商定退费' },
  { code: 'other', text: '其他原因' },
]
export const EMPTY = { reason_code: '', whole: true, yuan: '', reason: '' }

/** What has not gone back yet. */
export function leftOf(payment) {
  return payment.amount_fen - payment.refunded_fen
}

/** The first thing that is missing or wrong, in a sentence; '' when it can be sent. */
export function missing(form, payment) {
  if (!form.reason_code) return '请选一个原因'
  if (form.reason_code === 'other' && form.reason.trim().length < 2) return '请写几个字,说明为什么要退'
  if (form.whole) return ''
  const fen = fenOf(form.yuan)
  if (!fen) return '请写要退多少钱,例如 20 或 20.50'
  return fen > leftOf(payment) ? `最多能退 ${yuan(leftOf(payment))},请改小一些` : ''
}

/** For POST /payments/{id}/ask-refund; the whole is what is left of it. */
export function bodyOf(form) {
  return { reason_code: form.reason_code, reason: form.reason.trim(), amount_fen: form.whole ? null : fenOf(form.yuan) }
}

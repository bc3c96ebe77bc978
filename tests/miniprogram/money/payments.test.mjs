// A payment in words.

import assert from 'node:assert/strict'
import test from 'node:test'
import { isWaiting, linesOf, paidOf, progressWords, refundedWords, stateWords } from '../../../miniprogram/src/money/lib/payments.js'

const paid = { state: 'paid', words: '已支付', amount_fen: 57200, refunded_fen: 0, paid_at: '2026-11-22T06:40:00Z' }
const open = { state: 'open', words: '待支付', amount_fen: 28600, refunded_fen: 0, paid_at: null, created_at: '2026-11-22T06:30:00Z' }

test('nobody knows yet how these end', () => {
  assert.deepEqual(['created', 'open', 'closing', 'paid', 'closed', 'late'].map((state) => isWaiting({ state })), [true, true, true, false, false, false])
})

test('one after the other, with how far it is', () => {
  assert.equal(progressWords([paid, open], open), '第 2 笔 / 共 2 笔')
  assert.equal(progressWords([open], open), '')
  assert.equal(paidOf([paid, open, paid]), 114400)
})

test('a line of the history says what and when', () => {
  const now = new Date('2026-11-22T07:00:00Z').getTime()
  assert.equal(stateWords(paid, now), '已支付,今天 14:40')
  assert.equal(stateWords(open, now), '待支付,今天 14:30')
  assert.equal(refundedWords(paid), '')
  assert.equal(refundedWords({ ...paid, refunded_fen: 5000 }), '已退回 ¥50.00')
})

test('what has gone back stands on its line', () => {
  const lines = [{ label: '10月 物业费', amount_fen: 28600, refunded_fen: 0 }, { label: '9月 物业费', amount_fen: 28600, refunded_fen: 5000 }]
  assert.deepEqual(linesOf({ lines }).map((each) => each.note), ['', '已退回 ¥50.00'])
})

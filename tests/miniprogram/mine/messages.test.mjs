// Where a message leads.

import assert from 'node:assert/strict'
import test from 'node:test'
import { leadsTo } from '../../../miniprogram/src/lib/message-pages.js'

const plain = { order_id: null, snap_id: null, followed: false, page: '' }

test('an order, somebody else\'s order, a 随手拍', () => {
  assert.deepEqual(leadsTo({ ...plain, order_id: 7 }, false), { page: '/pages/order/order?id=7', words: '看这张工单 ›' })
  assert.equal(leadsTo({ ...plain, order_id: 7, followed: true }, false).page, '/more/followed/followed?id=7')
  assert.equal(leadsTo({ ...plain, snap_id: 3 }, false).page, '/more/snap/snap?id=3')
  assert.equal(leadsTo({ ...plain, snap_id: 3 }, true).page, '/desk/snap/snap?id=3')
})

test('money: the payment, the bill, the invoices, the answer', () => {
  assert.deepEqual(leadsTo({ ...plain, page: 'money/payment/payment?id=7' }, false), { page: '/money/payment/payment?id=7', words: '看这笔付款 ›' })
  for (const page of ['money/bill/bill?id=3', 'money/bills/bills', 'money/payments/payments', 'money/invoices/invoices', 'money/questions/questions']) {
    assert.equal(leadsTo({ ...plain, page }, false).page, `/${page}`)
    assert.match(leadsTo({ ...plain, page }, false).words, /^看.+ ›$/)
  }
})

test('who wears a hat takes it off first; a page that nobody knows is none, and old messages name none', () => {
  assert.equal(leadsTo({ ...plain, page: 'money/bills/bills' }, true).page, '/more/hats/hats')
  assert.deepEqual(leadsTo({ ...plain, page: 'https://example.com' }, false), { page: '', words: '' })
  const { page, ...old } = plain
  assert.equal(page, '')
  assert.deepEqual(leadsTo(old, false), { page: '', words: '' })
})

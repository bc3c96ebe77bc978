// 发票 and 申请退款: what is missing or wrong, and what is sent.

import assert from 'node:assert/strict'
import test from 'node:test'
import * as invoice from '../../../miniprogram/src/money/lib/invoice-form.js'
import * as refund from '../../../miniprogram/src/money/lib/refund-form.js'

const COMPANY = { ...invoice.EMPTY, how: 'office', title_kind: 'company', title: '某某公司', tax_no: '91350100M000100Y43' }
const PAID = { amount_fen: 85800, refunded_fen: 5000 }

test('a tax number is right when its last character follows from the others', () => {
  for (const right of ['91350100M000100Y43', '9135 0100 m000100y43']) {
    assert.equal(invoice.isTaxNumber(right), true, right)
  }
  for (const wrong of ['', '91350100M000100Y44', '91350100M000100Y4', '91350100I000100Y43', '税号', '1'.repeat(60), '110105123456789', '91350100M000100Y4300']) {
    assert.equal(invoice.isTaxNumber(wrong), false, wrong)
  }
})

test('an invoice needs a name, for a company its number, sent by e-mail an address', () => {
  assert.deepEqual(invoice.faultsOf(COMPANY), {})
  assert.deepEqual(Object.keys(invoice.faultsOf({ ...COMPANY, title: ' ', tax_no: '1' })), ['title', 'tax_no'])
  assert.deepEqual(invoice.faultsOf({ ...COMPANY, title_kind: 'person', tax_no: '' }), {})
  assert.deepEqual(Object.keys(invoice.faultsOf({ ...COMPANY, how: 'electronic', email: 'wang' })), ['email'])
})

test('only what was asked for is sent: no number for a person, no address without e-mail', () => {
  const filled = { ...COMPANY, tax_no: '91350100m000100y43', email: 'a@b.cn' }
  assert.deepEqual(invoice.bodyOf(filled), { how: 'office', title_kind: 'company', title: '某某公司', tax_no: '91350100M000100Y43', email: '' })
  assert.deepEqual(invoice.bodyOf({ ...filled, how: 'electronic', title_kind: 'person' }), {
    how: 'electronic', title_kind: 'person', title: '某某公司', tax_no: '', email: 'a@b.cn',
  })
})

test('a refund names a reason; the whole of what is left, or a part of it', () => {
  const form = { ...refund.EMPTY, reason_code: 'double' }
  assert.equal(refund.missing(refund.EMPTY, PAID), '请选一个原因')
  assert.equal(refund.missing(form, PAID), '')
  assert.deepEqual(refund.bodyOf(form), { reason_code: 'double', reason: '', amount_fen: null })
  const part = { ...form, whole: false, yuan: '20.5' }
  assert.equal(refund.missing(part, PAID), '')
  assert.equal(refund.bodyOf(part).amount_fen, 2050)
  assert.equal(refund.missing({ ...part, yuan: '808' }, PAID), '')
  assert.match(refund.missing({ ...part, yuan: '808.01' }, PAID), /最多能退 ¥808.00/)
  for (const nonsense of ['', '0', '-1', '1e3', '二十', '1.234', '999999999']) assert.notEqual(refund.missing({ ...part, yuan: nonsense }, PAID), '', nonsense)
})

test('any other reason wants words', () => {
  const form = { ...refund.EMPTY, reason_code: 'other' }
  assert.match(refund.missing(form, PAID), /写几个字/)
  assert.equal(refund.missing({ ...form, reason: '房子卖了' }, PAID), '')
})

// What is due, what was chosen of it, and to whom it goes.

import assert from 'node:assert/strict'
import test from 'node:test'
import { AT_ONCE, answererOf, chosenOf, companiesOf, countWords, dueWords, lineOf, mayPay, payable, sumOf } from '../../../miniprogram/src/money/lib/bills.js'

const PAY = [{ action: 'pay', label: '去支付' }]

function bill(id, values = {}) {
  const plain = { kind_label: '物业费', period_label: '2026年10月', amount_fen: 28600, due_fen: 28600, due_on: '2026-10-31' }
  return { id, ...plain, overdue: false, company: '甲物业', actions: PAY, ...values }
}

test('a line names month, fee and what is still to be paid', () => {
  assert.equal(lineOf(bill(1)), '2026年10月 物业费 ¥286.00')
  assert.equal(lineOf(bill(1, { due_fen: 20000 })), '2026年10月 物业费 ¥200.00')
  assert.equal(lineOf(bill(1, { due_fen: 0 })), '2026年10月 物业费 ¥286.00')
})

test('an answer bears the name of who gave it, also after it was asked about again', () => {
  const steps = [
    { by: '居民', note: '' },
    { by: '物业企业财务', note: '按登记面积算' },
    { by: '居民', note: '' },
    { by: '房管局', note: '企业算得对' },
  ]
  assert.equal(answererOf({ answer: '按登记面积算', steps: steps.slice(0, 3) }), '物业企业财务')
  assert.equal(answererOf({ answer: '企业算得对', steps }), '房管局')
})

test('until when it is to be paid, or what became of it', () => {
  const now = Date.parse('2026-10-05T04:00:00Z')
  assert.equal(dueWords(bill(1), now), '请在 10月31日 前交')
  assert.equal(dueWords(bill(1, { overdue: true, words: '未缴,已过缴费日期' }), now), '未缴,已过缴费日期')
  assert.equal(dueWords(bill(1, { due_fen: 0, words: '已缴' }), now), '已缴')
})

test('what can be paid comes oldest first; a home that cannot pay and a bill without the action are left out', () => {
  const homes = [
    { payable: true, bills: [bill(3), bill(1, { due_on: '2026-08-31' }), bill(9, { actions: [] })] },
    { payable: false, bills: [bill(4)] },
    { payable: true, bills: [bill(2)] },
  ]
  assert.deepEqual(payable(homes).map((each) => each.id), [1, 2, 3])
  assert.equal(mayPay(bill(9, { actions: [] })), false)
})

test('all, or the chosen ones; a choice that is gone counts for nothing, and never more than the server takes', () => {
  const bills = [bill(1), bill(2), bill(3)]
  assert.equal(sumOf(chosenOf(bills, { all: true, ids: [] })), 3 * 28600)
  assert.deepEqual(chosenOf(bills, { all: false, ids: [3, 77] }).map((each) => each.id), [3])
  assert.deepEqual(chosenOf(bills, { all: false, ids: [] }), [])
  const many = Array.from({ length: AT_ONCE + 5 }, (_, place) => bill(place + 1))
  assert.equal(chosenOf(many, { all: true, ids: [] }).length, AT_ONCE)
})

test('each company gets its own payment, in the order of the bills', () => {
  const bills = [bill(1), bill(2, { company: '乙物业', due_fen: 100 }), bill(3)]
  assert.deepEqual(companiesOf(bills), [{ company: '甲物业', fen: 57200 }, { company: '乙物业', fen: 100 }])
})

test('what is late is counted', () => {
  assert.equal(countWords([bill(1), bill(2)]), '共 2 个账单')
  assert.equal(countWords([bill(1, { overdue: true }), bill(2)]), '共 2 个账单,其中 1 个已过缴费日')
})

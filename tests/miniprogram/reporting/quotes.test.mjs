// What the resident reads of a quote that no longer waits.

import assert from 'node:assert/strict'
import test from 'node:test'
import { outcomeOf } from '../../../miniprogram/src/lib/quotes.js'

function order(values) {
  return { round: 0, final_fen: 0, quote: { state: 'declined', addition: false }, ...values }
}

test('who does not agree pays the announced visit at most', () => {
  assert.equal(outcomeOf(order({ final_fen: 2000 })), '您没有同意,这次没有维修。只收上门检测费 ¥20.00。')
  assert.equal(outcomeOf(order({})), '您没有同意,这次没有维修。不收任何费用。')
})

test('what was paid for an earlier repair is no fee of the visit', () => {
  const reopened = { round: 1, final_fen: 6500 }
  assert.equal(outcomeOf(order(reopened)), '您没有同意,这次没有维修。这次不收费,上次结算的 ¥65.00 不变。')
  const cancelled = order({ ...reopened, quote: { state: 'cancelled', addition: false } })
  assert.equal(outcomeOf(cancelled), '工单已取消。这次不收费,上次结算的 ¥65.00 不变。')
})

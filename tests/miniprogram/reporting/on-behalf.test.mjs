// Who may act for whom, what is still missing, and what is sent.

import assert from 'node:assert/strict'
import test from 'node:test'
import { EMPTY_BEHALF, behalfFaults, behalfOf, mayActFor } from '../../../miniprogram/src/lib/on-behalf.js'

const GIVEN = { on: true, name: ' 王奶奶 ', phone: '010-6950 0000', way: '电话里说好的' }

test('a tenant and somebody without a home cannot act for others', () => {
  assert.equal(mayActFor({ relation: 'tenant' }), false)
  assert.equal(mayActFor(null), false)
  assert.equal(mayActFor({ relation: 'family' }), true)
})

test('nothing is missing and nothing is sent as long as it is for oneself', () => {
  assert.deepEqual(behalfFaults(EMPTY_BEHALF), {})
  assert.deepEqual(behalfOf(EMPTY_BEHALF), {})
})

test('name, number and the way of the consent are asked for one by one', () => {
  assert.deepEqual(Object.keys(behalfFaults({ ...EMPTY_BEHALF, on: true })), ['name', 'phone', 'way'])
  assert.deepEqual(Object.keys(behalfFaults({ ...GIVEN, phone: '1990000' })), ['phone'])
  assert.deepEqual(behalfFaults(GIVEN), {})
})

test('a number is sent as digits, with or without the country', () => {
  const sent = { name: '王奶奶', phone: '01069500000', consent_note: '电话里说好的' }
  assert.deepEqual(behalfOf(GIVEN), { on_behalf: sent })
  assert.equal(behalfOf({ ...GIVEN, phone: '+86 199 0000 0881' }).on_behalf.phone, '19900000881')
})

// The worker's forms: what is missing, what is sent, which moments are offered, where the phone is.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { chargeIn, chargeOptions, chargeProblem, settlementOf } from '../../../miniprogram/src/worker/lib/charge.js'
import { EMPTY, STEPS, bodyOf, firstIncomplete, missingAt, spotCodeIn } from '../../../miniprogram/src/worker/lib/check-in.js'
import { toGcj02 } from '../../../miniprogram/src/worker/lib/gcj02.js'
import { partsProblem, partsText } from '../../../miniprogram/src/worker/lib/parts.js'
import { calledTwice, callsSince, extensionOptions, finishOptions } from '../../../miniprogram/src/worker/lib/times.js'

const NOW = Date.parse('2026-11-20T06:10:00Z') // 14:10 in China
const FULL = {
  ...EMPTY,
  place: 'spot',
  spotCode: 'GBD-0001',
  photos: ['p1'],
  finding: '灯管烧坏',
  hazardous: false,
  expectedAt: '2026-11-20T10:00:00Z',
  contact: '已当面告诉报修人',
}

test('a full form lacks nothing, an empty one lacks its first answer', () => {
  assert.equal(firstIncomplete(FULL, { now: NOW }), -1)
  assert.equal(firstIncomplete(EMPTY, { now: NOW }), 0)
})

test('every question is missed when it is not answered', () => {
  const gaps = [{ place: '' }, { photos: [] }, { hazardous: null }, { expectedAt: '' }, { contact: '' }]
  assert.equal(gaps.length, STEPS.length)
  gaps.forEach((gap, step) => assert.ok(missingAt(step, { ...FULL, ...gap }, { now: NOW }), STEPS[step]))
})

test('a recording is as good as words', () => {
  assert.ok(missingAt(1, { ...FULL, finding: '' }))
  assert.equal(missingAt(1, { ...FULL, finding: '', voice: { ref: 'v1', ms: 3000 } }), '')
})

test('danger, seen or to be expected, needs a photo of the protection', () => {
  assert.ok(missingAt(2, { ...FULL, hazardous: true }))
  assert.ok(missingAt(2, FULL, { dangerExpected: true }))
  assert.equal(missingAt(2, { ...FULL, hazardous: true, protection: ['p2'] }), '')
})

test('an expected moment that has passed meanwhile is asked again', () => {
  assert.ok(missingAt(3, FULL, { now: Date.parse('2026-11-20T10:00:01Z') }))
})

test('only one proof of the place is sent', () => {
  assert.deepEqual(bodyOf(FULL).spot_code, 'GBD-0001')
  const by = bodyOf({ ...FULL, place: 'position', latitude: 39.9, longitude: 116.6 })
  assert.deepEqual([by.spot_code, by.latitude, by.longitude], [undefined, 39.9, 116.6])
  const none = bodyOf({ ...FULL, place: 'none' })
  assert.ok(!('spot_code' in none) && !('latitude' in none))
})

test('a sign is read as a code, alone or inside an address', () => {
  assert.equal(spotCodeIn('gbd-0001'), 'GBD-0001')
  assert.equal(spotCodeIn('https://anju.example/s/GBD-0001'), 'GBD-0001')
  assert.equal(spotCodeIn('pages/report/report?spot=GBD-0001'), 'GBD-0001')
})

test('moments to finish lie ahead, closing time only while it does', () => {
  assert.deepEqual(finishOptions(NOW).map((each) => each.text), ['一小时内', '今天下班前', '今天晚上', '明天中午', '明天下班前', '后天下班前'])
  const evening = Date.parse('2026-11-20T09:45:00Z')
  assert.deepEqual(finishOptions(evening).map((each) => each.text)[1], '今天晚上')
  for (const hour of Array(24).keys()) {
    const now = NOW + hour * 3600000
    assert.ok(finishOptions(now).every((each) => Date.parse(each.at) > now))
  }
})

test('an extension begins after the limit that stands and ends two days later', () => {
  const due = '2026-11-22T02:00:00Z'
  const last = Date.parse(due) + 2 * 86400000
  const days = extensionOptions(due, NOW)
  assert.deepEqual(days.map((each) => each.text), ['后天 周日', '11月23日 周一', '11月24日 周二'])
  assert.ok(days.every((each) => Date.parse(each.at) > Date.parse(due) && Date.parse(each.at) <= last))
  assert.equal(Date.parse(days.at(-1).at), last)
})

test('two calls count when they lie five minutes apart and come after the arrival', () => {
  const at = (minute) => `2026-11-20T06:${String(minute).padStart(2, '0')}:00Z`
  assert.ok(!calledTwice([at(1)]))
  assert.ok(!calledTwice([at(1), at(5)]))
  assert.ok(calledTwice([at(1), at(6)]))
  const events = [
    { action: 'log_call', at: at(0) },
    { action: 'check_in', at: at(1) },
    { action: 'log_call', at: at(2) },
  ]
  assert.deepEqual(callsSince(events), [at(2)])
})

test('parts become one line; nameless ones are left out', () => {
  assert.equal(partsText([{ name: '灯管', count: 2 }, { name: ' ', count: 1 }, { name: '开关', count: 1 }]), '灯管×2、开关×1')
  assert.equal(partsProblem([{ name: '灯管', count: 2 }]), '')
  assert.ok(partsProblem(Array(10).fill({ name: '很长的名字'.repeat(6), count: 1 })))
})

test('a satellite position is shifted to the grid of the maps', () => {
  const [latitude, longitude] = toGcj02(39.90734, 116.39089)
  assert.ok(Math.abs(latitude - 39.90874) < 0.0001 && Math.abs(longitude - 116.39713) < 0.0001)
  assert.deepEqual(toGcj02(51.5, -0.12), [51.5, -0.12])
})

test('a repair is settled as agreed, for less or for nothing, never for more', () => {
  assert.deepEqual(chargeOptions(6500).map((each) => each.text), ['收 ¥65.00', '少收一些', '不收费'])
  const less = (yuan) => ({ charge: 'less', yuan })
  assert.deepEqual(settlementOf({ charge: 'agreed', yuan: '' }, 6500), {})
  assert.deepEqual(settlementOf({ charge: 'nothing', yuan: '' }, 6500), { final_fen: 0 })
  assert.deepEqual(settlementOf(less('40.5'), 6500), { final_fen: 4050 })
  assert.equal(chargeProblem(less('64.99'), 6500), '')
  for (const wrong of ['', '0', '65', '65.01', '-1', 'x']) assert.ok(chargeProblem(less(wrong), 6500), wrong)
  assert.deepEqual(settlementOf(less('40'), 0), {}, 'where nothing was agreed nothing is said')
})

test('a refused settlement is filled in again as it was', () => {
  for (const form of [{ charge: 'agreed', yuan: '' }, { charge: 'nothing', yuan: '' }, { charge: 'less', yuan: '40.50' }])
    assert.deepEqual(chargeIn(settlementOf(form, 6500)), form)
})

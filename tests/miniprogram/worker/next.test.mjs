// What a worker is offered while his steps wait on the phone (miniprogram/src/worker/lib/next.js).

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { LABELS, actionOf, expected } from '../../../miniprogram/src/worker/lib/next.js'

const NOW = Date.parse('2026-11-20T02:00:00Z')
const PROMISES = [{ clock: 'C3', round: 0, due_at: '2026-11-22T02:00:00Z' }]

function order(status, actions, values = {}) {
  const buttons = actions.map((action) => ({ action, label: LABELS[action] }))
  return { id: 7, status, status_label: '', menu: 'PUB', extended: false, round: 0, promises: PROMISES, actions: buttons, ...values }
}

const ASKED = order('ASSIGNED', ['take', 'depart', 'check_in', 'decline', 'add_photos', 'log_call'])

let made = 0
function saved(action, state = 'waiting', why = '') {
  made += 1
  const path = `/orders/7/${action.replace(/_/g, '-')}`
  return { id: `e${made}`, path, title: LABELS[action], state, why, madeAt: '2026-11-20T01:00:00Z' }
}

function names(buttons) {
  return buttons.map((each) => each.action)
}

test('without saved steps the buttons are the server\'s and no others', () => {
  const next = expected(ASKED, [], NOW)
  assert.deepEqual(names(next.forward), ['take', 'depart', 'check_in'])
  assert.deepEqual(names(next.aside), ['log_call', 'add_photos', 'decline'])
  assert.equal(next.words, '等您确认')
})

test('a button keeps the text that the server gave it', () => {
  const named = order('ASSIGNED', [], { actions: [{ action: 'take', label: '我去' }] })
  assert.equal(expected(named, [], NOW).forward[0].label, '我去')
})

test('each saved step opens the next one, to the end of the day', () => {
  const day = ['take', 'depart', 'check_in', 'start', 'finish']
  const seen = day.map((_, count) => names(expected(ASKED, day.slice(0, count).map((each) => saved(each)), NOW).forward)[0])
  assert.deepEqual(seen, day)
  const done = expected(ASKED, day.map((each) => saved(each)), NOW)
  assert.deepEqual([done.over, done.status, names(done.forward)], [true, 'DONE', []])
})

test('after a saved check-in 完工 is offered', () => {
  const next = expected(ASKED, [saved('check_in')], NOW)
  assert.deepEqual(names(next.forward), ['start', 'finish'])
  assert.equal(next.words, '已到场')
  assert.equal(next.steps[0].words, '到场签到:已保存,联网后自动发送')
})

test('a reopened order is checked again and then finished, without a second start', () => {
  const again = order('WORKING', ['check_in', 'add_photos', 'log_call'], { round: 1 })
  assert.deepEqual(names(expected(again, [saved('check_in')], NOW).forward), ['finish'])
})

test('a public place has nobody who could be out, a home has', () => {
  const home = { ...ASKED, menu: 'EMG' }
  assert.ok(!names(expected(ASKED, [saved('check_in')], NOW).aside).includes('hold'))
  assert.ok(names(expected(home, [saved('check_in')], NOW).aside).includes('hold'))
})

test('more time is offered once and only before the repair is due', () => {
  const offered = (values, now) => names(expected({ ...ASKED, ...values }, [saved('check_in')], now).aside).includes('request_extension')
  assert.ok(offered({}, NOW))
  assert.ok(!offered({ extended: true }, NOW))
  assert.ok(!offered({}, Date.parse('2026-11-22T02:00:00.001Z')))
  const asked = expected(ASKED, [saved('check_in'), saved('request_extension')], NOW)
  assert.ok(!names(asked.aside).includes('request_extension'))
})

test('an order on hold waits, and goes on when the worker says so', () => {
  const home = { ...ASKED, menu: 'EMG' }
  const held = expected(home, [saved('check_in'), saved('hold')], NOW)
  assert.deepEqual([names(held.forward), held.words], [['end_hold'], '等居民约时间'])
  const on = expected(home, [saved('check_in'), saved('hold'), saved('end_hold')], NOW)
  assert.deepEqual(names(on.forward), ['finish'])
})

test('what was declined is no longer his', () => {
  const next = expected(ASKED, [saved('decline')], NOW)
  assert.deepEqual([next.over, next.forward, next.aside], [true, [], []])
})

test('calls and photos change nothing about what comes next', () => {
  const next = expected(ASKED, [saved('log_call'), saved('add_photos')], NOW)
  assert.deepEqual(names(next.forward), ['take', 'depart', 'check_in'])
})

test('a refused step stops everything until the worker has decided, and says why', () => {
  const next = expected(ASKED, [saved('take'), saved('check_in', 'refused', '这个点位码不在报修的小区'), saved('finish')], NOW)
  assert.deepEqual([next.forward, next.aside], [[], []])
  assert.equal(next.refused.words, '到场签到:没有成功。这个点位码不在报修的小区')
  assert.equal(next.status, 'ASSIGNED')
  assert.deepEqual(next.steps.map((step) => step.refused), [false, true, false])
})

test('an entry is named by the end of its path', () => {
  assert.equal(actionOf(saved('request_extension')), 'request_extension')
})

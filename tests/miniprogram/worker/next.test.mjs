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

const AT_HOME = { menu: 'EMG', pay_status: '未计价', agreed_fen: null }
const QUOTABLE = ['start', 'quote', 'waive', 'finish', 'add_photos', 'log_call']

test('where the resident has to agree to a price, 报价 comes before work', () => {
  const next = expected(order('VERIFIED', QUOTABLE, AT_HOME), [], NOW)
  assert.deepEqual(names(next.forward), ['quote', 'start', 'finish'])
  assert.deepEqual(names(next.aside), ['waive', 'log_call', 'add_photos'])
})

test('where nothing is charged, 报价 stands aside', () => {
  const next = expected(order('VERIFIED', QUOTABLE, { ...AT_HOME, pay_status: '免费' }), [], NOW)
  assert.equal(names(next.forward)[0], 'start')
  assert.ok(names(next.aside).includes('quote'))
})

test('after what was agreed to it is called 增加项目', () => {
  const working = order('WORKING', ['quote', 'finish'], { ...AT_HOME, agreed_fen: 3000 })
  assert.deepEqual(expected(working, [], NOW).aside[0], { action: 'quote', label: '增加项目' })
})

test('a saved check-in at home leads to a quote, a saved quote waits for the resident', () => {
  const asked = { ...ASKED, ...AT_HOME }
  assert.deepEqual(names(expected(asked, [saved('check_in')], NOW).forward), ['quote', 'start', 'finish'])
  const quoted = expected(asked, [saved('check_in'), saved('quote')], NOW)
  assert.deepEqual([quoted.words, quoted.forward, names(quoted.aside)], ['已报价,等居民同意', [], ['log_call', 'add_photos']])
})

test('what is not charged is repaired without a quote', () => {
  const next = expected(order('VERIFIED', QUOTABLE, AT_HOME), [saved('waive')], NOW)
  assert.equal(names(next.forward)[0], 'start')
  assert.ok(!names(next.aside).includes('waive'))
})

test('a public place is never quoted', () => {
  const next = expected(ASKED, [saved('check_in')], NOW)
  assert.ok(![...next.forward, ...next.aside].some((each) => ['quote', 'waive'].includes(each.action)))
})

test('who wants no repair any more is answered once', () => {
  const asked = order('WORKING', ['finish', 'agree_cancel', 'refuse_cancel'], AT_HOME)
  assert.deepEqual(names(expected(asked, [], NOW).answers), ['agree_cancel', 'refuse_cancel'])
  const kept = expected(asked, [saved('refuse_cancel')], NOW)
  assert.deepEqual([kept.answers, names(kept.forward)], [[], ['finish']])
  const ended = expected(asked, [saved('agree_cancel')], NOW)
  assert.deepEqual([ended.over, ended.words, ended.answers], [true, '已取消', []])
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

test('cash is written down where it is owed, beside everything else, and once', () => {
  const done = order('DONE', ['log_call', 'record_cash'], { menu: 'EMG' })
  assert.deepEqual(names(expected(done, [], NOW).aside), ['log_call', 'record_cash'])
  assert.deepEqual(names(expected(done, [saved('record_cash')], NOW).aside), ['log_call'])
  assert.deepEqual(names(expected(ASKED, [], NOW).aside).includes('record_cash'), false)
})

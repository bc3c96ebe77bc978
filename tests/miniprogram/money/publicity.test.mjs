// What an estate makes public: dates and contracts in words, sums that come out, bars on one scale.

import assert from 'node:assert/strict'
import test from 'node:test'
import { balances, contractWords, dateWords, estatesOf, percentOf, sourcesAndCosts, sumsOf } from '../../../miniprogram/src/money/lib/publicity.js'

const LINES = [
  { section: 'income', label: '广告场地收益', amount_fen: 900000 },
  { section: 'income', label: '公共停车收益', amount_fen: 540000 },
  { section: 'cost', label: '设施设备维护', amount_fen: 288000 },
  { section: 'moved', label: '业主共有结余', amount_fen: -100000 },
]

function quarter(values = {}) {
  const sums = { opening_fen: 200000, income_fen: 1440000, cost_fen: 288000, moved_fen: -100000, closing_fen: 1252000 }
  return { quarter: '2026Q3', label: '2026年第三季度', ...sums, lines: LINES, ...values }
}

test('a date on a notice board is written out, whatever day it is today', () => {
  assert.equal(dateWords('2026-01-05'), '2026年1月5日')
})

test('a contract says of what kind it is and how long it holds; an open one has no end', () => {
  const named = { contract_kind: '正式', contract_from: '2026-08-01', contract_until: '2029-07-31' }
  assert.equal(contractWords(named), '正式合同,2026年8月1日起,2029年7月31日止')
  assert.equal(contractWords({ ...named, contract_kind: '', contract_until: null }), '物业服务合同,2026年8月1日起')
})

test('two homes of one estate are one choice', () => {
  const homes = [1, 1, 2].map((id) => ({ estate_id: id, estate: `小区${id}` }))
  assert.deepEqual(estatesOf(homes), [{ id: 1, name: '小区1' }, { id: 2, name: '小区2' }])
})

test('income and cost are compared, each with its own lines; what was moved is neither', () => {
  const groups = sourcesAndCosts(quarter())
  assert.deepEqual(groups.map(({ label, bars }) => [label, bars.length]), [['收入', 2], ['支出', 1]])
  assert.deepEqual(groups[0].bars[0], { label: '广告场地收益', fen: 900000 })
  assert.deepEqual(sourcesAndCosts(quarter({ lines: LINES.slice(0, 1) })).map(({ label }) => label), ['收入'])
})

test('all bars have one scale; the smallest amount is still seen, none is drawn for nothing', () => {
  const groups = sourcesAndCosts(quarter())
  assert.equal(percentOf(900000, groups), 100)
  assert.equal(percentOf(288000, groups), 32)
  assert.equal(percentOf(1, groups), 1)
  assert.equal(percentOf(0, groups), 0)
  assert.equal(percentOf(-500, groups), 0)
})

test('the sum under the line is what is above it', () => {
  const sums = sumsOf(quarter())
  assert.deepEqual(sums.map(({ label }) => label), ['季度初的结余', '加上收入', '减去支出', '减去业主结余转出', '季度末的结余'])
  const [opening, income, cost, moved, closing] = sums.map(({ fen }) => fen)
  assert.equal(opening + income - cost - moved, closing)
  assert.deepEqual(sumsOf(quarter({ moved_fen: 5 })).map(({ label, fen }) => [label, fen])[3], ['加上业主结余转入', 5])
  assert.equal(sumsOf(quarter({ moved_fen: 0 })).length, 4)
})

test('balances are read from the oldest to the newest', () => {
  const older = quarter({ label: '2026年第二季度', closing_fen: 200000 })
  const [group] = balances([quarter(), older])
  assert.deepEqual(group.bars, [{ label: '2026年第二季度', fen: 200000 }, { label: '2026年第三季度', fen: 1252000 }])
})

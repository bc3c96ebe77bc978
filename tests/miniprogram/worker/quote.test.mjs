// A quote as it is written on the phone (miniprogram/src/worker/lib/quote.js).

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { EMPTY, bodyOf, counted, formOf, itemsShown, lineFen, newLine, problemIn, totalFen } from '../../../miniprogram/src/worker/lib/quote.js'
import { fenOf } from '../../../miniprogram/src/lib/words.js'
import { answerWords } from '../../../miniprogram/src/worker/lib/times.js'

const LAMP = { code: 'E02', name: '灯具检修、接线', unit: '次', most_fen: 3000, ceiling_fen: 5000, note: '', night: false }
const WIRE = { code: 'E07', name: '明装线路敷设', unit: '米', most_fen: 1233, ceiling_fen: 2000, note: '', night: false }
const NIGHT = { code: 'F02', name: '夜间服务', unit: '次', most_fen: 2000, ceiling_fen: null, note: '', night: true }
const PRICES = { free: false, needed: true, visit_fee_fen: 2000, items: [LAMP, WIRE, NIGHT] }
const DAY = Date.parse('2026-11-20T06:00:00Z') // 14:00 in China

function form(...lines) {
  return { ...EMPTY, lines }
}

test('plus and minus go by pieces, or by half a metre, and never to nothing', () => {
  assert.equal(counted(newLine(LAMP), LAMP, 1), 200)
  assert.equal(counted(newLine(LAMP), LAMP, -1), 100)
  assert.equal(counted(newLine(WIRE), WIRE, 1), 150)
  assert.equal(counted({ count: 50 }, WIRE, -1), 50)
  assert.equal(counted({ count: 99900 }, LAMP, 1), 99900)
})

test('a line costs labour and the material that the worker buys; less than one fen is not charged', () => {
  assert.equal(lineFen({ ...newLine(WIRE), count: 150 }, WIRE), 1849)
  const bought = { ...newLine(LAMP), by: 'company', material: '灯管', yuan: '15.5' }
  assert.equal(lineFen(bought, LAMP), 4550)
  assert.equal(lineFen({ ...bought, by: 'resident' }, LAMP), 3000)
  assert.equal(totalFen([bought, newLine(WIRE)], PRICES.items), 5783)
})

test('amounts are read as people write them, nonsense is none', () => {
  assert.deepEqual(['15', ' 15.5', '0.01', '', '-3', '1.234', '十五'].map(fenOf), [1500, 1550, 1, null, null, null, null])
})

test('what is missing is named with its item', () => {
  assert.equal(problemIn(EMPTY, PRICES), '请至少选一项')
  const unnamed = { ...newLine(LAMP), by: 'resident' }
  assert.ok(problemIn(form(unnamed), PRICES).startsWith('灯具检修、接线:请写用什么材料'))
  assert.ok(problemIn(form({ ...unnamed, by: 'company', material: '灯管' }), PRICES).includes('多少钱'))
  assert.equal(problemIn(form({ ...unnamed, by: 'company', material: '灯管', yuan: '15' }), PRICES), '')
  assert.ok(problemIn(form({ ...newLine(LAMP), code: 'X99' }), PRICES).includes('价目表里已经没有'))
})

test('in a free estate material costs nothing, and nobody is asked what it costs', () => {
  const free = { ...PRICES, free: true }
  const bought = { ...newLine(LAMP), by: 'company', material: '灯管', yuan: '15' }
  assert.equal(problemIn(form({ ...bought, yuan: '' }), free), '')
  assert.equal(bodyOf(form(bought), free).lines[0].material_fen, 0)
})

test('what is sent can be filled in again', () => {
  const written = { lines: [{ ...newLine(LAMP), by: 'company', material: '灯管', yuan: '15' }, newLine(WIRE)], note: '灯座烧焦', waive: true }
  const body = bodyOf(written, PRICES)
  assert.deepEqual(body.lines[0], { item_code: 'E02', quantity_hundredths: 100, material_by: 'company', material: '灯管', material_fen: 1500 })
  assert.deepEqual(body.lines[1], { item_code: 'E07', quantity_hundredths: 100 })
  assert.equal(body.waive_visit_fee, true)
  assert.deepEqual(formOf(body), written)
})

test('items are found by name or code; a night fee is there at night only', () => {
  const many = [...Array(12).keys()].map((each) => ({ ...LAMP, code: `E${10 + each}` }))
  assert.equal(itemsShown(many, { now: DAY }).length, 8)
  assert.equal(itemsShown(many, { all: true, now: DAY }).length, 12)
  assert.deepEqual(itemsShown(PRICES.items, { words: '线路', now: DAY }), [WIRE])
  assert.deepEqual(itemsShown(PRICES.items, { words: 'e07', now: DAY }), [WIRE])
  assert.ok(!itemsShown(PRICES.items, { now: DAY }).includes(NIGHT))
  assert.ok(itemsShown(PRICES.items, { now: Date.parse('2026-11-20T15:00:00Z') }).includes(NIGHT))
})

test('an offer says how long one may think about it', () => {
  assert.equal(answerWords(null, DAY), '')
  assert.equal(answerWords('2026-11-20T06:04:30Z', DAY), '请在 4 分钟内确认,否则派给别的师傅')
  assert.equal(answerWords('2026-11-20T06:00:30Z', DAY), '请马上确认,否则派给别的师傅')
  assert.equal(answerWords('2026-11-20T05:59:59Z', DAY), '确认的时间已过,正在派给别的师傅')
})

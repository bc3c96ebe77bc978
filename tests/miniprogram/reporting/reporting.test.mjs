// The pure parts of reporting: sound as WAV, places and signs, the home page's words, the promise card.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { greet, menusOf, whyFewerMenus } from '../../../miniprogram/src/lib/home-menus.js'
import { answerWords, nextWords, otherwiseWords } from '../../../miniprogram/src/lib/promise-card.js'
import { codeIn, sorted, spotAsked } from '../../../miniprogram/src/lib/spot-lists.js'
import { RATE, lengthOf, wavOf } from '../../../miniprogram/src/lib/wav.js'

const A_MINUTE = 60000

function tone(hertz, rate, seconds) {
  return Float32Array.from({ length: rate * seconds }, (_, index) => 0.5 * Math.sin((2 * Math.PI * hertz * index) / rate))
}

function samplesOf(file) {
  return new Int16Array(file.slice(44))
}

function crossings(samples) {
  let count = 0
  for (let index = 1; index < samples.length; index += 1) if (samples[index - 1] < 0 && samples[index] >= 0) count += 1
  return count
}

test('a recording is a WAV file of 16 kHz, one channel, 16 bits', () => {
  const file = wavOf([tone(440, 48000, 1), tone(440, 48000, 1)], 48000, A_MINUTE)
  const head = new DataView(file)
  const word = (at) => String.fromCharCode(...new Uint8Array(file, at, 4))
  assert.deepEqual([word(0), word(8), word(12), word(36)], ['RIFF', 'WAVE', 'fmt ', 'data'])
  assert.deepEqual([head.getUint16(20, true), head.getUint16(22, true), head.getUint16(34, true)], [1, 1, 16])
  assert.equal(head.getUint32(24, true), RATE)
  assert.equal(head.getUint32(40, true), file.byteLength - 44)
  assert.equal(lengthOf(file), 2000)
})

test('the tone stays what it was at every rate of a microphone', () => {
  for (const rate of [16000, 44100, 48000]) {
    const heard = crossings(samplesOf(wavOf([tone(440, rate, 1)], rate, A_MINUTE)))
    assert.ok(Math.abs(heard - 440) <= 2, `${rate}: ${heard}`)
  }
})

test('a tone above speech does not come back as a lower one', () => {
  const loudest = Math.max(...samplesOf(wavOf([tone(15900, 48000, 1)], 48000, A_MINUTE)).map(Math.abs))
  assert.ok(loudest < 0.1 * 0x7fff)
})

test('no more than a minute is kept, and nothing louder than the scale', () => {
  const file = wavOf([new Float32Array(16000 * 61).fill(2)], 16000, A_MINUTE)
  assert.equal(lengthOf(file), A_MINUTE)
  assert.equal(samplesOf(file)[7], 0x7fff)
})

const SPOTS = [
  { id: 1, place: '3号楼 1单元楼道', building_id: 30 },
  { id: 2, place: '3号楼 2单元楼道', building_id: 30 },
  { id: 3, place: '3号楼 2单元电梯厅', building_id: 30 },
  { id: 4, place: '13号楼 2单元楼道', building_id: 130 },
  { id: 5, place: '南门路灯', building_id: null },
]

test('the own stairwell comes first, then what belongs to everybody, then the other buildings', () => {
  const found = sorted(SPOTS, { place: '3号楼2单元302' })
  assert.deepEqual(found.near.map((spot) => spot.id), [2, 3])
  assert.deepEqual(found.common.map((spot) => spot.id), [5])
  assert.deepEqual(found.others.map((each) => [each.building, each.spots.length]), [['3号楼', 1], ['13号楼', 1]])
})

test('a row of houses without units is near as a whole', () => {
  const rows = [{ id: 1, place: '平1号楼 胡同口', building_id: 1 }, { id: 2, place: '平2号楼 胡同口', building_id: 2 }]
  assert.deepEqual(sorted(rows, { place: '平1号楼1单元105' }).near.map((spot) => spot.id), [1])
  assert.deepEqual(sorted(rows, null).near, [])
})

test('a sign is known by its code, alone or in a link', () => {
  assert.equal(codeIn(' abc-3-2-ld '), 'ABC-3-2-LD')
  assert.equal(codeIn('https://example.org/m/?spot=ABC-3-2-LD#/'), 'ABC-3-2-LD')
  assert.equal(codeIn('spot=ABC-DM'), 'ABC-DM')
  assert.equal(codeIn('https://example.org/somewhere-else'), '')
  assert.equal(codeIn('我家门口'), '')
  assert.equal(spotAsked({ q: encodeURIComponent('https://example.org/m/?spot=ABC-DM') }), 'ABC-DM')
  assert.equal(spotAsked({ scene: encodeURIComponent('spot=ABC-DM') }), 'ABC-DM')
  assert.equal(spotAsked({}), '')
})

test('people are greeted by the clock in China', () => {
  const said = (utc) => greet(Date.parse(`2026-11-25T${utc}:00Z`))
  assert.equal(said('22:00'), '早上好')
  assert.equal(said('02:30'), '上午好')
  assert.equal(said('04:30'), '中午好')
  assert.equal(said('09:00'), '下午好')
  assert.equal(said('12:00'), '晚上好')
  assert.equal(said('18:00'), '夜里好')
})

test('all three menus are there until the server says otherwise', () => {
  assert.deepEqual(menusOf(null).map((each) => each.title), ['服务预约', '公区报事', '应急维修'])
  assert.equal(whyFewerMenus(null), '')
  const items = [
    { menu: 'APT', enabled: false, reason: '还没有开通' },
    { menu: 'PUB', enabled: true, reason: '' },
    { menu: 'EMG', enabled: false, reason: '还没有开通' },
  ]
  assert.deepEqual(menusOf({ items }).map((each) => each.title), ['公区报事'])
  assert.equal(whyFewerMenus({ items }), '还没有开通')
})

const NOW = Date.parse('2026-11-25T06:29:00Z')
const CARD = {
  promises: [
    { clock: 'C1', due_at: '2026-11-25T06:44:00Z' },
    { clock: 'C2', due_at: '2026-11-25T06:59:00Z' },
    { clock: 'C3', due_at: '2026-11-28T06:29:00Z' },
  ],
}

test('the promise card says who answers by what time, what follows, and who is next', () => {
  assert.equal(answerWords(CARD, NOW), '小区物业 14:44 前答复您')
  assert.equal(otherwiseWords(CARD), '过时自动转 962121 热线,热线会联系您')
  assert.deepEqual(nextWords(CARD, NOW), ['师傅 今天 14:59 前到现场', '11月28日 14:29 前修好'])
})

test('a card read on another day names the day, and one without promises promises nothing', () => {
  assert.equal(answerWords(CARD, NOW + 24 * 3600 * 1000), '小区物业 昨天 14:44 前答复您')
  assert.equal(answerWords({}, NOW), '小区物业会尽快答复您')
  assert.equal(otherwiseWords({}), '')
  assert.deepEqual(nextWords({}, NOW), [])
})

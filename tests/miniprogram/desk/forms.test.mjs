// What the desk is asked before an action, and where its buttons lead (miniprogram/src/desk/lib).

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { numberIn, partyDays, specialDays } from '../../../miniprogram/src/desk/lib/evidence.js'
import { FORMS, addressOf, askedNow, bodyOf, emptyOf, missingIn } from '../../../miniprogram/src/desk/lib/forms.js'
import { pageOf, situation } from '../../../miniprogram/src/desk/lib/order.js'

const NOW = Date.parse('2026-11-20T06:00:00Z') // 14:00 in China
const FIRM = { party: 'utility', party_name: '城东自来水公司', ticket: 'W7', call_record: '', reason: '泵坏了', safety: '已关阀门', expected_at: '', photo_ids: [] }
const REFUSAL = { reason: 'untrue', text: '到现场看过,没有这个问题', evidence: '', photo_ids: [] }

test('every question of every form is missed when nothing is answered', () => {
  for (const [action, form] of Object.entries(FORMS)) assert.ok(missingIn(form, emptyOf(form)), action)
})

test('a firm is waited for under its number or after a call', () => {
  assert.equal(missingIn(FORMS.hold_third, FIRM), '')
  assert.ok(missingIn(FORMS.hold_third, { ...FIRM, ticket: '' }).includes('工单号'))
  assert.equal(missingIn(FORMS.hold_third, { ...FIRM, ticket: '', call_record: '96159 答应下午来' }), '')
  const body = bodyOf(FORMS.hold_third, FIRM, [])
  assert.ok(!('expected_at' in body))
  assert.equal(bodyOf(FORMS.hold_third, { ...FIRM, expected_at: '2026-11-21T10:00:00Z' }, [4]).expected_at, '2026-11-21T10:00:00Z')
})

test('a refusal is shown by a photo or by words; a duplicate names the other order', () => {
  assert.ok(missingIn(FORMS.reject, REFUSAL).includes('依据'))
  assert.equal(missingIn(FORMS.reject, { ...REFUSAL, evidence: '巡查记录' }), '')
  assert.equal(missingIn(FORMS.reject, { ...REFUSAL, photo_ids: ['p1'] }), '')
  const twice = { ...REFUSAL, reason: 'duplicate', photo_ids: ['p1'] }
  assert.ok(missingIn(FORMS.reject, twice).includes('R1121-0042'))
  assert.equal(missingIn(FORMS.reject, { ...twice, evidence: 'r1121-0042' }), '')
})

test('where it is not the owners who pay, the form says what to do instead', () => {
  const payer = FORMS.need_fund.fields[0].from.option
  const options = { payer: [payer({ payer: 'utility', label: '专业单位', instead: '请用“等专业单位”' }), payer({ payer: 'fund', label: '维修资金', instead: '' })] }
  const values = { payer: 'utility', reason: '过了保修期', scope: '东立面', photo_ids: ['p1'] }
  assert.equal(missingIn(FORMS.need_fund, values, options), '请用“等专业单位”')
  assert.equal(missingIn(FORMS.need_fund, { ...values, payer: 'fund' }, options), '')
})

test('a number of an order is recognised in a sentence', () => {
  assert.ok(numberIn('与R1121-0042是同一盏灯'))
  assert.ok(!numberIn('与1121-0042是同一盏灯'))
  assert.ok(!numberIn('XR1121-0042'))
})

test('days for a special extension lie after the promise and within ninety days', () => {
  const order = { promises: [{ clock: 'C3', due_at: '2026-11-25T06:00:00Z' }] }
  const days = specialDays(order, NOW).map((each) => Date.parse(each.code))
  assert.ok(days.length > 5)
  assert.ok(days.every((at) => at > Date.parse('2026-11-25T06:00:00Z') && at <= NOW + 90 * 86400000))
  assert.ok(partyDays({}, NOW).every((each) => Date.parse(each.code) > NOW))
})

test('a form, a page of the worker, a dialog', () => {
  assert.equal(pageOf('hold_third', 7), '/desk/form/form?action=hold_third&id=7')
  assert.equal(pageOf('quote', 7), '/worker/quote/quote?id=7')
  assert.equal(pageOf('accept', 7), '')
})

test('the head of an order says what it waits for and where it has gone', () => {
  assert.deepEqual(situation({}), [])
  const said = situation(
    {
      marks: ['房管局督办'],
      standstill: { words: '等自来水公司' },
      question: { open: true, question: '几号楼?', answer: '' },
      quote: { state: 'waiting', total_words: '¥65.00' },
      cancel_asked_at: '2026-11-20T05:30:00Z',
    },
    [{ action: 'ask_cancel', note: '亲戚会修' }],
    NOW,
  )
  assert.deepEqual(said, [
    '房管局督办',
    '等自来水公司',
    '已请居民补充:几号楼?',
    '报价 ¥65.00,等居民同意',
    '居民 今天 13:30 申请取消:亲戚会修',
  ])
})

test('a duplicate is asked for a number, anything else for what proves it', () => {
  const asked = (reason) => askedNow(FORMS.reject, { ...REFUSAL, reason }).filter((field) => field.name === 'evidence').map((field) => field.label)
  assert.deepEqual(asked('duplicate'), ['依据:已有工单的编号'])
  assert.deepEqual(asked('untrue'), ['依据'])
  assert.equal(bodyOf(FORMS.reject, { ...REFUSAL, reason: 'duplicate', evidence: ' R1121-0042 ' }, []).evidence, 'R1121-0042')
})

test('a form about a 随手拍 goes to its address; without danger nothing is said of it', () => {
  assert.equal(addressOf(FORMS.reply_snap, 3), '/snaps/3')
  assert.equal(addressOf(FORMS.reject, 3), '/orders/3')
  const options = { category_code: [{ code: 'G0201', text: '灯' }] }
  const values = { category_code: 'G0201', hazardous: '' }
  assert.equal(missingIn(FORMS.convert_snap, values, options), '')
  assert.deepEqual(bodyOf(FORMS.convert_snap, values, []), { category_code: 'G0201' })
  assert.equal(bodyOf(FORMS.convert_snap, { ...values, hazardous: true }, []).hazardous, true)
})

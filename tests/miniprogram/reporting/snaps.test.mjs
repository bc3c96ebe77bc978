// The pure parts of 随手拍: what is missing, what is sent, until when somebody answers.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { notesOf } from '../../../miniprogram/src/lib/home-menus.js'
import { answerWords, nextWords, otherwiseWords } from '../../../miniprogram/src/lib/promise-card.js'
import { EMPTY, missing, placeOf, workOf } from '../../../miniprogram/src/lib/snap-form.js'
import { dutyOf, leadsToHotline, promiseOf, replyPhotos, sentPhotos } from '../../../miniprogram/src/lib/snaps.js'

const NOW = Date.parse('2026-11-22T04:00:00Z') // noon in China
const HOME = { estate_id: 7, estate: '葛布店北里' }
const PROBLEM = { ...EMPTY, kind: 'PROBLEM', topic: 'CLEAN', photos: ['p1'], place: { spot_id: 5, label: '小区大门', estate_id: 7 }, text: ' 垃圾没清 ' }
const OPEN = { due_at: '2026-12-02T04:00:00Z', due_words: '还剩 9 天', late: false, status: 'SUBMITTED' }

test('the first thing that is missing leads to its question', () => {
  assert.equal(missing(EMPTY, HOME).step, 'kind')
  assert.equal(missing({ ...EMPTY, kind: 'PRAISE' }, HOME).step, 'topic')
  assert.equal(missing({ ...PROBLEM, photos: [] }, HOME).step, 'photo')
  assert.equal(missing({ ...PROBLEM, place: null }, HOME).step, 'place')
  assert.equal(missing({ ...PROBLEM, text: '嗯' }, HOME).step, 'send')
  assert.equal(missing(PROBLEM, HOME), null)
})

test('praise needs no photo and is about the whole estate unless somebody says more', () => {
  const praise = { ...EMPTY, kind: 'PRAISE', topic: 'SERVICE', text: '李姐热心' }
  assert.equal(missing(praise, HOME), null)
  assert.equal(missing(praise, null).step, 'place')
  assert.deepEqual(workOf(praise, HOME).body, { kind: 'PRAISE', topic: 'SERVICE', text: '李姐热心', estate_id: 7 })
  assert.equal(placeOf({ ...praise, place: PROBLEM.place }, HOME).label, '小区大门')
})

test('a problem is sent with its place and its photos', () => {
  const work = workOf(PROBLEM, HOME)
  assert.deepEqual(work.body, { kind: 'PROBLEM', topic: 'CLEAN', text: '垃圾没清', spot_id: 5 })
  assert.deepEqual(work.files, [{ ref: 'p1', into: 'photo_ids' }])
  assert.deepEqual([work.title, work.path], ['反映问题:环境卫生', '/snaps'])
  const written = { ...PROBLEM, place: { label: '3号楼后面', estate_id: 7 } }
  assert.equal(workOf(written, HOME).body.place_note, '3号楼后面')
})

test('how long there is still time is said in days', () => {
  assert.equal(promiseOf(OPEN, NOW), '物业最晚12月2日答复,还剩 9 天')
  assert.equal(promiseOf({ ...OPEN, due_words: '' }, NOW), '')
  assert.equal(promiseOf({ ...OPEN, status: 'HOTLINE' }, NOW), '')
  assert.equal(dutyOf(OPEN, NOW), '最晚12月2日 12:00 答复,还剩 9 天')
  assert.equal(dutyOf({ ...OPEN, due_words: '' }, NOW), '')
  assert.equal(dutyOf({ ...OPEN, status: 'HOTLINE', actions: [] }, NOW), '')
  assert.ok(dutyOf({ ...OPEN, status: 'HOTLINE', actions: [{ action: 'reply' }] }, NOW))
})

test('the promise card of a 随手拍 names the day and promises no worker', () => {
  const card = { snap_id: 3, due_at: OPEN.due_at }
  assert.equal(answerWords(card, NOW), '物业最晚12月2日答复您')
  assert.ok(otherwiseWords(card).includes('房管局'))
  assert.deepEqual(nextWords(card, NOW), [])
})

test('photos of the answer stand apart from those of the sender', () => {
  const photos = [{ id: 1, step: 'submit', uploaded_at: OPEN.due_at }, { id: 2, step: 'reply', uploaded_at: OPEN.due_at }]
  const told = (groups) => groups.map((group) => [group.title, group.photos.map((photo) => photo.id)])
  assert.deepEqual(told(sentPhotos(photos, '您拍的照片', NOW)), [['您拍的照片', [1]]])
  assert.deepEqual(told(replyPhotos(photos, '物业拍的照片', NOW)), [['物业拍的照片', [2]]])
  assert.deepEqual(replyPhotos([], '物业拍的照片', NOW), [])
})

test('what nobody answered and what was not taken leads to the hotline', () => {
  assert.ok(leadsToHotline({ status: 'HOTLINE' }) && leadsToHotline({ status: 'EXPIRED' }))
  assert.ok(!leadsToHotline({ status: 'ANSWERED' }))
})

test('what has to be known before sending is said once, with the menus that it is about', () => {
  const menus = (...notes) => ({ items: ['服务预约', '公区报事', '应急维修'].map((label, index) => ({ label, enabled: true, note: notes[index] || '' })) })
  assert.deepEqual(notesOf(menus('', '夜里不到场')), ['公区报事:夜里不到场'])
  assert.deepEqual(notesOf(menus('台风', '台风', '台风')), ['台风'])
  assert.deepEqual(notesOf(null), [])
})

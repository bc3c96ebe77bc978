// 随手拍: what can be said about what, what is filled in, and what is sent (domain S1-10, S3-22).

import { filesOf } from './attachments.js'
import { bodyOfPlace } from './spot-lists.js'

/** Codes and words are the server's (app/feedback; a test compares them); `hint` says to people what is meant. */
export const KINDS = [
  { code: 'PRAISE', text: '表扬', hint: '谁做得好,夸一夸' },
  { code: 'SUGGEST', text: '建议', hint: '小区怎样会更好' },
  { code: 'PROBLEM', text: '反映问题', hint: '拍张照片,请物业答复' },
]
export const TOPICS = [
  { code: 'ORDER', text: '秩序维护', hint: '门岗、巡逻' },
  { code: 'CLEAN', text: '环境卫生', hint: '打扫、垃圾' },
  { code: 'GREEN', text: '绿化养护', hint: '树、草、花坛' },
  { code: 'SERVICE', text: '客服接待', hint: '接电话、办事' },
  { code: 'PARKING', text: '停车管理', hint: '' },
  { code: 'DECORATION', text: '装修扰民', hint: '' },
  { code: 'DOGS', text: '文明养犬', hint: '' },
  { code: 'OTHER', text: '其他', hint: '' },
]
const ASKS_PHOTO = 'PROBLEM'
const WORDS_MIN = 2
export const WORDS_MAX = 500

export const EMPTY = { step: 'kind', kind: '', topic: '', photos: [], place: null, text: '' }

/** 反映问题, or what stands for nothing chosen. */
export function kindText(code) {
  return KINDS.find((each) => each.code === code)?.text || ''
}

export function topicText(code) {
  return TOPICS.find((each) => each.code === code)?.text || ''
}

/** Whether it is only taken with a photo and a place: somebody has to find what is wrong. */
export function asksPhoto(kind) {
  return kind === ASKS_PHOTO
}

/** The place that was chosen; praise and a suggestion are about the whole estate unless somebody says more. */
export function placeOf(form, home) {
  if (form.place || asksPhoto(form.kind) || !home) return form.place
  return { label: home.estate, estate_id: home.estate_id, whole: true }
}

/** { step, why } of the first thing that is missing before it can be sent, or null. */
export function missing(form, home) {
  if (!form.kind) return { step: 'kind', why: '请选一选,是表扬、建议还是反映问题' }
  if (!form.topic) return { step: 'topic', why: '请选一选是哪一方面' }
  if (asksPhoto(form.kind) && !form.photos.length) return { step: 'photo', why: '反映问题要有照片,请拍一张' }
  if (!placeOf(form, home)) return { step: 'place', why: '请选一选在哪里' }
  if (form.text.trim().length < WORDS_MIN) return { step: 'send', why: '请写几个字,至少两个字' }
  return null
}

/** For outbox.send. */
export function workOf(form, home) {
  const { whole, ...place } = placeOf(form, home)
  return {
    title: `${kindText(form.kind)}:${topicText(form.topic)}`,
    path: '/snaps',
    body: {
      kind: form.kind,
      topic: form.topic,
      text: form.text.trim(),
      ...(whole ? { estate_id: place.estate_id } : bodyOfPlace(place)),
    },
    files: filesOf(form.photos),
  }
}

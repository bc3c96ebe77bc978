// 随手拍 in words, for who has sent it and for who answers it. The server's labels are taken as they are. Pure.

import { day, moment } from './words.js'

const ANSWERED = 'reply' // the step of a photo
const OVER = ['HOTLINE', 'EXPIRED']

/** 反映问题:环境卫生 */
export function titleOf(snap) {
  return `${snap.kind_label}:${snap.topic_label}`
}

/** The head of a form of the desk. */
export function headOf(snap) {
  return { menu: 'SNAP', place: snap.place, category: titleOf(snap), number: snap.number, said: snap.text }
}

/** 物业最晚12月2日答复 */
export function answerBy(dueAt, now = Date.now()) {
  return `物业最晚${day(dueAt, now)}答复`
}

/** 物业最晚12月2日答复,还剩 9 天; empty when it is over, late, or the hotline's to answer. */
export function promiseOf(snap, now = Date.now()) {
  if (!snap.due_words || snap.late || leadsToHotline(snap)) return ''
  return `${answerBy(snap.due_at, now)},${snap.due_words}`
}

/** The same for who has to answer: 最晚12月2日 10:30 答复,还剩 9 天. What the hotline has is its own duty alone. */
export function dutyOf(snap, now = Date.now()) {
  const mine = !leadsToHotline(snap) || snap.actions.some((each) => each.action === 'reply')
  return snap.due_words && mine ? `最晚${moment(snap.due_at, now)} 答复,${snap.due_words}` : ''
}

/** The photos of the sender, and those of the answer, for AnjuEvidence: a group with this title, or none. */
export function sentPhotos(photos, title, now = Date.now()) {
  return group(photos.filter((photo) => photo.step !== ANSWERED), title, now)
}

export function replyPhotos(photos, title, now = Date.now()) {
  return group(photos.filter((photo) => photo.step === ANSWERED), title, now)
}

function group(photos, title, now) {
  if (!photos.length) return []
  return [{ title, photos: photos.map((photo, index) => ({ ...photo, caption: `第 ${index + 1} 张`, at: moment(photo.uploaded_at, now) })) }]
}

/** Whether the hotline is the next to ask. */
export function leadsToHotline(snap) {
  return OVER.includes(snap.status)
}

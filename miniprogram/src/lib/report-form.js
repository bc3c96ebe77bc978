// A report of something in a public area: what is filled in, what it is taken for, and what is sent.

import { query } from './api'
import { filesOf } from './attachments'
import { bodyOfPlace } from './spot-lists'

export const MENU = 'PUB'
export const OTHER = { code: 'G9901', name: '其他公区问题', urgency: 'P2', hazardous: false }
const TEXT_MIN = 4 // characters, when there is neither a photo nor a recording (T1)

export const EMPTY = {
  step: 'photo',
  photos: [],
  place: null,
  category: null,
  text: '',
  voice: null,
  hazardous: false,
}

/** What the words point to, else what the place does; null when neither says anything. Raises Refusal and Offline. */
export async function guess(text, place) {
  for (const said of [text.trim(), place?.label || '']) {
    if (!said) continue
    const { category } = await query('/categories/guess', { menu: MENU, text: said })
    if (category) return category
  }
  return null
}

/** What is missing before it can be sent, as a sentence; empty when nothing is. */
export function missing(form) {
  if (!form.place) return '请选一选在哪里'
  if (form.photos.length || form.voice || form.text.trim().length >= TEXT_MIN) return ''
  return '请拍一张照片、说一段话,或用几个字写明情况'
}

/** The question whether it was reported already. */
export function similarAsked(place, category) {
  const asked = { category_code: category.code }
  if (place.spot_code) return { ...asked, spot_code: place.spot_code }
  if (place.spot_id) return { ...asked, spot_id: place.spot_id }
  return { ...asked, estate_id: place.estate_id }
}

/** For outbox.send. */
export function workOf(form, category) {
  return {
    title: `公区报事:${form.place.label}`,
    path: '/orders',
    body: { menu: MENU, category_code: category.code, text: form.text.trim(), hazardous: form.hazardous, ...bodyOfPlace(form.place) },
    files: filesOf(form.photos, form.voice),
  }
}

// Photos of an order as the people see them who work on it: before, after, other evidence, each with the server's time.

import { moment } from './words'

const CAPTIONS = {
  submit: '报修人拍的',
  reopen: '报修人:没修好',
  site: '到场拍的',
  protection: '警示牌',
  door: '门口',
  after: '修好后',
  old_part: '换下的旧件',
  receipt: '现金收据',
  extension: '延期凭证',
  rating: '评价时拍的',
  reject: '不予受理',
}
const BEFORE = ['submit', 'reopen', 'site', 'protection', 'door']

/** [{ title, photos }] without empty groups; a photo has `caption` and `at`, the time at which the server received it. */
export function photoGroups(photos, now = Date.now()) {
  const told = photos.map((photo) => ({
    ...photo,
    caption: CAPTIONS[photo.step] || '补充的照片',
    at: moment(photo.uploaded_at, now),
  }))
  return [
    { title: '修之前', photos: told.filter((photo) => BEFORE.includes(photo.step)) },
    { title: '修好后', photos: told.filter((photo) => photo.step === 'after') },
    { title: '其他材料', photos: told.filter((photo) => photo.step !== 'after' && !BEFORE.includes(photo.step)) },
  ].filter((group) => group.photos.length)
}

const VOICES = { submit: '报修人的录音', reopen: '报修人的录音(没修好)', site: '师傅到场的录音' }

/** Whose voice a recording is. */
export function voiceTitle(voice) {
  return VOICES[voice.step] || '录音'
}

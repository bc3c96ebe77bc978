// The photos of an order, sorted into before and after, each with what it shows.

import { moment } from './words'

const BEFORE = {
  submit: '报修的照片',
  site: '师傅到场拍的',
  protection: '放好的警示牌',
  door: '师傅在门口拍的',
  reopen: '没修好的照片',
  info: '您补充的照片',
}
const AFTER = { after: '修好后' }
const BESIDE = {
  old_part: '换下的旧件',
  receipt: '现金收据',
  rating: '您评价时拍的',
  extension: '延期的材料',
  special: '特别延期的材料',
  reject: '物业附的照片',
  appeal: '您申诉的照片',
  third: '专业单位的材料',
  fund: '维修资金的材料',
  fund_result: '征询的结果',
}

/** { before, after, others }: the pair to compare (each or null) and the rest; photos with caption and time in words. */
export function photosOf(photos, round) {
  const all = [BEFORE, AFTER, BESIDE].flatMap((captions) => told(photos, captions, round))
  const here = all.filter((photo) => photo.round === round)
  const before = first(here, ['reopen', 'submit', 'site']) || first(all, ['submit', 'site'])
  const after = last(here, ['after'])
  return { before, after, others: all.filter((photo) => photo !== before && photo !== after) }
}

function first(photos, steps) {
  return steps.map((step) => photos.find((photo) => photo.step === step)).find(Boolean) || null
}

function last(photos, steps) {
  return [...photos].reverse().find((photo) => steps.includes(photo.step)) || null
}

function told(photos, captions, round) {
  return photos
    .filter((photo) => captions[photo.step])
    .map((photo) => ({ ...photo, caption: (photo.round < round ? '上次' : '') + captions[photo.step], at: moment(photo.uploaded_at) }))
}

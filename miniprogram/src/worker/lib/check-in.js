// 到场签到 as a form of five questions: what is asked, what is still missing, what is sent. Pure.

export const STEPS = ['位置', '现场', '安全', '时间', '联系']

export const EMPTY = {
  step: 0,
  place: '',
  spotCode: '',
  latitude: null,
  longitude: null,
  accuracyM: null,
  photos: [],
  finding: '',
  voice: null,
  hazardous: null,
  protection: [],
  expectedAt: '',
  contact: '',
}

const MISSING = [
  (form) => {
    if (form.place === 'spot' && !/^[0-9A-Za-z-]{1,16}$/.test(form.spotCode)) return '请扫点位码,或把码下面的字母和数字填上'
    return form.place ? '' : '请选一种方式证明您到了现场'
  },
  (form) => {
    if (!form.photos.length) return '请拍一张现场照片'
    return form.finding.trim().length >= 2 || form.voice ? '' : '请写两个字以上,或说一段话'
  },
  (form, dangerExpected) => {
    if (form.hazardous === null) return '请选现场有没有危险'
    const needed = form.hazardous || dangerExpected
    return needed && !form.protection.length ? '请先放好警示牌,再拍一张照片' : ''
  },
  (form, dangerExpected, now) => {
    if (!form.expectedAt) return '请选预计什么时候修好'
    return new Date(form.expectedAt).getTime() > now ? '' : '选的时间已经过了,请重新选'
  },
  (form) => (form.contact.trim().length >= 2 ? '' : '请选和报修人联系的结果'),
]

/** What is missing at this step, in one sentence; empty when nothing is. */
export function missingAt(step, form, { dangerExpected = false, now = Date.now() } = {}) {
  return MISSING[step](form, dangerExpected, now)
}

/** The first step at which something is missing, -1 when the form is complete. */
export function firstIncomplete(form, known = {}) {
  return STEPS.findIndex((_, step) => missingAt(step, form, known))
}

/** What goes to POST /orders/{id}/check-in; files go beside it. */
export function bodyOf(form) {
  const body = {
    finding: form.finding.trim(),
    hazardous: Boolean(form.hazardous),
    expected_at: form.expectedAt,
    contact_result: form.contact.trim(),
  }
  if (form.place === 'spot') body.spot_code = form.spotCode
  if (form.place === 'position') Object.assign(body, { latitude: form.latitude, longitude: form.longitude })
  return body
}

/** https://…/s/GBD-0001 or GBD-0001 -> GBD-0001: what stands in the sign of a spot. */
export function spotCodeIn(scanned) {
  const last = String(scanned).trim().split(/[/?#=]/).filter(Boolean).pop() || ''
  return last.toUpperCase().slice(0, 16)
}

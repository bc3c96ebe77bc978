// A step that the server refused, as the form from which it was sent: the worker mends one answer and sends it again.

import { AS_AGREED, chargeIn } from './charge'
import { EMPTY as CHECK_IN } from './check-in'
import { formOf as quoteOf } from './quote'

export const FINISH = { photos: [], oldParts: [], result: '', parts: [], charge: AS_AGREED, yuan: '' }
export const EXTENSION = { code: '', reason: '', expectedAt: '', photos: [] }
export const HOLD = { code: '', text: '', photos: [] }

/** `refs(into)` gives the photos that went into a list of the body. */
const FORMS = {
  check_in: (body, refs) => ({
    ...CHECK_IN,
    place: body.spot_code ? 'spot' : body.latitude === undefined ? 'none' : 'position',
    spotCode: body.spot_code || '',
    latitude: body.latitude ?? null,
    longitude: body.longitude ?? null,
    photos: refs('photo_ids'),
    finding: body.finding,
    voice: refs('voice_id=')[0] ? { ref: refs('voice_id=')[0], ms: 0 } : null,
    hazardous: body.hazardous,
    protection: refs('protection_photo_ids'),
    expectedAt: body.expected_at,
    contact: body.contact_result,
  }),
  finish: (body, refs) => ({
    ...FINISH,
    photos: refs('photo_ids'),
    oldParts: refs('old_part_photo_ids'),
    result: body.result,
    parts: partsIn(body.parts),
    ...chargeIn(body),
  }),
  request_extension: (body, refs) => ({
    code: body.reason_code,
    reason: body.reason,
    expectedAt: body.expected_at,
    photos: refs('photo_ids'),
  }),
  quote: quoteOf,
  hold: (body, refs) => ({ code: body.reason, text: body.text, photos: refs('photo_ids') }),
}

/** 灯管×2、开关×1 -> the list again. */
function partsIn(text) {
  return text
    .split('、')
    .filter(Boolean)
    .map((part) => {
      const [name, count] = part.split('×')
      return { name, count: Number(count) || 1 }
    })
}

export function formOf(action) {
  return FORMS[action]
}

/** The page on which a step is filled in, and the name of its draft. */
export const PAGES = {
  check_in: '/worker/check-in/check-in',
  finish: '/worker/finish/finish',
  request_extension: '/worker/extension/extension',
  hold: '/worker/hold/hold',
  quote: '/worker/quote/quote',
}

export function draftName(action, orderId) {
  return `${action}.${orderId}`
}

// What the desk's page of one order offers: which actions stand first, and where each of them leads. Pure.

/** Actions in the order in which they are offered; the server's `actions` decide which of them exist. */
const FIRST = ['accept', 'assign', 'approve_extension', 'refuse_extension', 'choose_slot']
const ON_SITE = ['check_in', 'start', 'finish']
const ASIDE = ['log_call', 'add_photos', 'request_extension', 'end_hold', 'to_hotline', 'reject']
/** All of them: an action without a place would be a button that nobody draws. */
export const PLACES = [...FIRST, ...ON_SITE, ...ASIDE]

/** Pages on which an action is carried out; those of the worker are for whoever stands on site. */
export const PAGES = {
  assign: '/desk/assign/assign',
  reject: '/desk/reject/reject',
  check_in: '/worker/check-in/check-in',
  finish: '/worker/finish/finish',
  request_extension: '/worker/extension/extension',
}

/** { first, onSite, aside }: buttons { action, label } as the server names them. */
export function offered(actions) {
  const pick = (wanted) => wanted.map((name) => actions.find((each) => each.action === name)).filter(Boolean)
  return { first: pick(FIRST), onSite: pick(ON_SITE), aside: pick(ASIDE) }
}

const FOR_RESIDENTS = {
  待您预约: '挂起,等居民约时间',
  '已处理(请评价)': '已处理,等居民确认',
  '不予受理(可申诉)': '不予受理',
}

/** Where it stands, told to the desk: the server's labels speak to the resident. */
export function statusWords(label) {
  return FOR_RESIDENTS[label] || label
}

const METHODS = { qr: '扫了点位码', gps: '手机定位', none: '没有定位' }

/** 扫了点位码 / 手机定位,离小区 120 米 / 没有定位(定位异常) */
export function proofWords(visit) {
  const far = visit.method === 'gps' && visit.distance_m !== null ? `,离小区中心 ${metres(visit.distance_m)}` : ''
  return `${METHODS[visit.method] || visit.method}${far}${visit.flagged ? '(定位异常)' : ''}`
}

function metres(count) {
  return count < 1000 ? `${count} 米` : `${(count / 1000).toFixed(1)} 公里`
}

// What a worker can do next with an order, also while his last steps have not reached the server. Pure.
//
// The server's `actions` say what is possible as far as it knows. Steps that wait in the outbox are applied on top, in
// their order, as the lifecycle table would (app/orders/lifecycle.py): after a saved check-in, 完工 is offered. If the
// server sees it differently, it refuses the step when it is replayed, and the worker reads why.

/** The texts of the buttons, as the server gives them; a test compares the two. */
export const LABELS = {
  take: '确认接单',
  depart: '出发',
  check_in: '到场签到',
  quote: '报价',
  waive: '这次不收费',
  start: '开始维修',
  finish: '完工',
  end_hold: '恢复处理',
  hold: '改约时间',
  request_extension: '申请延期',
  decline: '不能接',
  add_photos: '补充照片',
  log_call: '记录电话',
  agree_cancel: '同意取消',
  refuse_cancel: '不同意取消',
  record_cash: '登记现金',
}
/** What 报价 is called when a price was agreed to before. */
const ADDITION = '增加项目'

/** What carries an order forward; the first possible one is the main button. */
const FORWARD = ['take', 'depart', 'check_in', 'end_hold', 'quote', 'start', 'finish']
const ASIDE = ['quote', 'waive', 'log_call', 'add_photos', 'hold', 'request_extension', 'decline', 'record_cash']
/** What the resident, who wants no repair any more, waits for. */
const ANSWERS = ['agree_cancel', 'refuse_cancel']
const ALWAYS = ['add_photos', 'log_call']

const STATUS_WORDS = {
  ASSIGNED: '已确认,还没出发',
  ON_WAY: '在路上',
  VERIFIED: '已到场',
  WORKING: '维修中',
  QUOTED: '已报价,等居民同意',
  HOLD_RESIDENT: '等居民约时间',
  HOLD_THIRD: '等专业单位处理',
  HOLD_FUND: '等维修资金征询',
  DONE: '已完工',
  CLOSED: '已办结',
  ACCEPTED: '已退回调度',
  CANCELLED: '已取消',
}
const OVER = ['DONE', 'CLOSED', 'ACCEPTED', 'CANCELLED', 'REJECTED']

/** check-in -> check_in: which action an outbox entry is. */
export function actionOf(entry) {
  return entry.path.split('/').pop().replace(/-/g, '_')
}

/** Whether the repair may still get more time: once, and before it is due. */
function mayAskForTime(order, now) {
  const repair = [...(order.promises || [])].reverse().find((each) => each.clock === 'C3')
  return !order.extended && (!repair || new Date(repair.due_at).getTime() >= now)
}

/** Whether the resident has to agree to a price before work begins; public places cost nobody anything. */
function isUnpriced(order) {
  return order.menu !== 'PUB' && order.pay_status === '未计价' && !isPriced(order)
}

function isPriced(order) {
  return typeof order.agreed_fen === 'number'
}

/** What can be done on site; a public place has nobody who could be out, and nobody who pays. */
function onSite(order, now, status) {
  const found = status === 'VERIFIED' ? ['start', 'finish'] : ['finish']
  if (mayAskForTime(order, now)) found.push('request_extension')
  if (order.menu !== 'PUB') found.push('hold', 'quote')
  if (isUnpriced(order)) found.push('waive')
  return [...found, ...ALWAYS]
}

function without(state, ...gone) {
  return { ...state, actions: state.actions.filter((action) => !gone.includes(action)) }
}

const AFTER = {
  take: (state) => without(state, 'take'),
  decline: () => ({ status: 'ACCEPTED', actions: [] }),
  depart: (state) => ({ ...without(state, 'take', 'decline', 'depart'), status: 'ON_WAY' }),
  check_in(state, order, now) {
    const status = state.status === 'WORKING' ? 'WORKING' : 'VERIFIED'
    return { status, actions: onSite(order, now, status) }
  },
  start: (state) => ({ ...without(state, 'start'), status: 'WORKING' }),
  quote: () => ({ status: 'QUOTED', actions: [...ALWAYS] }),
  waive: (state) => ({ ...without(state, 'waive'), free: true }),
  agree_cancel: () => ({ status: 'CANCELLED', actions: [] }),
  refuse_cancel: (state) => without(state, ...ANSWERS),
  request_extension: (state) => without(state, 'request_extension'),
  hold: () => ({ status: 'HOLD_RESIDENT', actions: ['end_hold', ...ALWAYS] }),
  end_hold: (state, order, now) => ({ status: 'WORKING', actions: onSite(order, now, 'WORKING') }),
  finish: () => ({ status: 'DONE', actions: ['log_call'] }),
  record_cash: (state) => without(state, 'record_cash'),
}

/**
 * The order as it will stand when everything saved has been sent.
 *
 * order: the server's answer, perhaps an old one; entries: the outbox's entries of its lane, oldest first.
 * -> { status, words, over, forward, aside, answers, steps, refused }: buttons are [{ action, label }]; `steps` are the saved
 * ones with what to say about them; with a `refused` step nothing moves forward until the worker has decided about it.
 */
export function expected(order, entries, now = Date.now()) {
  let state = { status: order.status, actions: order.actions.map((each) => each.action) }
  const labels = { ...LABELS }
  for (const each of order.actions) labels[each.action] = each.label
  if (isPriced(order)) labels.quote = ADDITION
  const refused = entries.find((entry) => entry.state === 'refused') || null
  for (const entry of entries) {
    if (entry === refused) break
    const after = AFTER[actionOf(entry)]
    if (after) state = after(state, order, now)
  }
  const priceFirst = isUnpriced(order) && !state.free
  const buttons = (wanted) =>
    wanted.filter((action) => state.actions.includes(action)).map((action) => ({ action, label: labels[action] }))
  const but = (wanted, out) => buttons(out ? wanted.filter((action) => action !== 'quote') : wanted)
  return {
    status: state.status,
    words: statusWords(order, state),
    over: OVER.includes(state.status),
    forward: refused ? [] : but(FORWARD, !priceFirst),
    aside: refused ? [] : but(ASIDE, priceFirst),
    answers: refused ? [] : buttons(ANSWERS),
    steps: entries.map((entry) => savedStep(entry)),
    refused: refused ? savedStep(refused) : null,
  }
}

function statusWords(order, state) {
  if (state.status === 'ASSIGNED' && state.actions.includes('take')) return '等您确认'
  return STATUS_WORDS[state.status] || order.status_label
}

function savedStep(entry) {
  const refused = entry.state === 'refused'
  return {
    id: entry.id,
    action: actionOf(entry),
    title: entry.title,
    madeAt: entry.madeAt,
    refused,
    why: entry.why,
    words: refused ? `${entry.title}:没有成功。${entry.why}` : `${entry.title}:已保存,联网后自动发送`,
  }
}

// What the desk fills in before an action that needs more than one answer: a table of questions, drawn by desk/form. Pure.
//
// A field: { name, kind, label, hint, ... }. kind "choice" has `options` [{ code, text, hint }], or `from` where the server
// gives them ({ path, option }); "text" has `least`, `most`, `long` and `chips` (words to tap); "photos" has `least`;
// "day" has `days(order, now)`. `when(values)` says whether it is asked at all; two questions of one name are never asked
// together. A form is about an order; `of` "snaps" and `verb` (the last part of the address) are for a 随手拍; `sum(order)` is
// the money that it is about. What is filled in goes to the server under the fields' names; `problem(values, options)` sees
// what one field alone does not.

import { REJECT } from './reasons.js'
import { EVIDENCE_LEAST, numberIn, partyDays, specialDays } from './evidence.js'

/** Codes and labels are the server's; a test compares them. */
export const PARTIES = [
  { code: 'utility', text: '供水、供电、供气等专业单位' },
  { code: 'developer', text: '开发建设单位(保修期内)' },
  { code: 'liable', text: '造成损坏的责任人' },
  { code: 'lift_firm', text: '电梯维保单位' },
  { code: 'other', text: '其他单位' },
]
export const TOLD_BY = [
  { code: 'phone', text: '电话' },
  { code: 'visit', text: '当面' },
  { code: 'message', text: '微信或短信' },
]
export const URGENCIES = [
  { code: 'P0', text: '危急', hint: '有人受困、燃气、大面积停水停电' },
  { code: 'P1', text: '紧急', hint: '漏水、断电、有危险' },
  { code: 'P2', text: '一般', hint: '' },
  { code: 'P3', text: '改善', hint: '不急,可以排期' },
]

/** For a long list: what is typed leaves what fits. */
const FIND = { label: '找一找', hint: '打一两个字' }
const DUPLICATE = 'duplicate'
const EVIDENCE_PHOTO = { name: 'photo_ids', kind: 'photos', label: '凭证照片', first: '拍凭证', again: '再拍一张凭证' }

/** A duplicate names the other order, as the server wants it (app/orders/desk.py). */
function isDuplicate({ reason }) {
  return reason === DUPLICATE
}

export const FORMS = {
  reject: {
    title: '不予受理',
    yes: '不予受理',
    kind: 'emergency',
    fields: [
      { name: 'reason', kind: 'choice', label: '为什么不受理?', options: REJECT },
      { name: 'text', kind: 'text', label: '给居民的说明', hint: '写清原因,再告诉他可以找谁。居民会看到', least: 10, most: 400, long: true },
      {
        name: 'evidence',
        kind: 'text',
        label: '依据:已有工单的编号',
        hint: '例如:R1121-0042。写在说明里也可以',
        most: 60,
        when: isDuplicate,
      },
      {
        name: 'evidence',
        kind: 'text',
        label: '依据',
        hint: '写凭什么不受理,或在下面拍照',
        chips: ['巡查记录', '物业服务合同', '与报修人的通话'],
        most: 60,
        when: (values) => !isDuplicate(values),
      },
      { name: 'photo_ids', kind: 'photos', label: '照片' },
    ],
    problem({ reason, text, evidence, photo_ids }) {
      if (isDuplicate({ reason })) return numberIn(`${text} ${evidence}`) ? '' : '请写出已有的工单编号,例如 R1121-0042'
      return photo_ids.length || evidence.trim().length >= EVIDENCE_LEAST ? '' : '请写明依据,或拍一张照片'
    },
  },
  hold_third: {
    title: '等专业单位',
    says: '修复的时限从现在起暂停。每 24 小时提醒您跟进一次,对方修好后点“恢复处理”。',
    yes: '等专业单位',
    fields: [
      { name: 'party', kind: 'choice', label: '等谁处理?', options: PARTIES },
      { name: 'party_name', kind: 'text', label: '对方的名称', hint: '例如:城东自来水公司', least: 2, most: 60 },
      { name: 'ticket', kind: 'text', label: '对方的工单号', hint: '没有就写下面一项', most: 60 },
      { name: 'call_record', kind: 'text', label: '打给谁、怎么答复的', hint: '例如:96159 王女士,答应今天下午来', most: 200 },
      { name: 'reason', kind: 'text', label: '为什么要等', least: 2, most: 150, chips: ['要对方停水停电才能修', '设备归对方管', '还在保修期'] },
      { name: 'safety', kind: 'text', label: '现在怎么保证安全', least: 2, most: 150, chips: ['已放警示牌、拉警戒线', '已关阀门', '已断电', '现场没有危险'] },
      { name: 'expected_at', kind: 'day', label: '对方说什么时候修好', days: partyDays, free: '说不准' },
      { name: 'photo_ids', kind: 'photos', label: '安全措施的照片(最好拍)' },
    ],
    problem: ({ ticket, call_record }) => (ticket.trim() || call_record.trim() ? '' : '请写对方的工单号;没有的,写打给谁、怎么答复的'),
  },
  need_fund: {
    title: '需动用维修资金',
    says: '先看由谁承担,从上往下,第一个符合的算数。认定以后,两小时内要向报修人说明;夜里认定的,早上九点前。',
    yes: '认定,要动用',
    fields: [
      { name: 'payer', kind: 'choice', label: '由谁承担?', from: { path: '/who-pays', option: (each) => ({ code: each.payer, text: each.label, hint: each.instead, no: each.instead }) } },
      { name: 'reason', kind: 'text', label: '依据', hint: '例如:外墙防水已过保修期,没有责任人', least: 4, most: 300, long: true },
      { name: 'scope', kind: 'text', label: '修哪里', hint: '例如:12 号楼东立面', least: 2, most: 200 },
      { ...EVIDENCE_PHOTO, least: 1 },
    ],
  },
  tell_fund: {
    title: '已向居民说明',
    says: '说明以后才能转征询。',
    yes: '已经说明',
    fields: [
      { name: 'spoken_to', kind: 'text', label: '向谁说明的', chips: ['报修人', '报修人的家人'], least: 2, most: 20 },
      { name: 'how', kind: 'choice', label: '怎么说明的?', options: TOLD_BY },
      { name: 'words', kind: 'text', label: '说了什么', least: 4, most: 300, long: true, chips: ['要先征询业主意见,同意后才能动用维修资金', '会先做临时处理,保证安全'] },
    ],
  },
  close_fund: {
    title: '征询未通过,办结',
    says: '工单单独列出,不算修好,也不算超时。居民会看到下面的话。',
    yes: '征询未通过,办结',
    kind: 'danger',
    fields: [
      { name: 'result', kind: 'text', label: '征询结果,居民还能怎么办', hint: '例如:同意的面积不足三分之二;可以由本单元业主分摊', least: 4, most: 300, long: true },
      { ...EVIDENCE_PHOTO, label: '结果公示的照片', least: 1 },
    ],
  },
  request_special: {
    title: '申请特延',
    says: '3 天和 5 天都修不好时,由街道或房管局决定新的日期。已经超时的记录不会消掉。',
    yes: '申请特延',
    fields: [
      { name: 'reason', kind: 'text', label: '为什么', least: 4, most: 200, long: true, chips: ['主机要返厂大修', '要等厂家定做', '要等停水停电的批准'] },
      { name: 'plan', kind: 'text', label: '怎么修、这段时间怎么办', hint: '例如:25 日装备用泵,下月 10 日主机装回', least: 4, most: 300, long: true },
      { name: 'until', kind: 'day', label: '希望延到哪天', days: specialDays },
      { ...EVIDENCE_PHOTO, hint: '厂家的回函、合同或批文', least: 1 },
    ],
  },
  merge: {
    title: '并入同类问题',
    says: '并入以后按更早的时限、更高的紧急程度处理,报修人继续收到进展。经理可以取消合并。',
    yes: '并入这一张',
    fields: [
      {
        name: 'master_id',
        kind: 'choice',
        label: '并入哪一张?',
        search: { label: '那一张的编号', hint: '例如:R1121-0042,写后四位也行;也可以写地点', none: '下面没有这张工单。只能并入同一栋楼或 50 米以内、同类的、还在处理的工单。' },
        none: '同一栋楼或 50 米以内没有同类的、还在处理的工单,不能合并。',
        from: {
          path: 'merge-choices',
          option: (each) => ({ code: each.id, text: `${each.number} ${each.category}`, hint: `${each.place},${each.status_label},${each.households} 户反映` }),
        },
      },
    ],
  },
  transfer: {
    title: '转给其他管理处',
    says: '对方接收之前,还由本管理处负责,时限不停。第三次转单由街道或房管局决定。',
    yes: '请对方接收',
    fields: [
      { name: 'office_id', kind: 'choice', label: '转给谁?', none: '现在没有可以转的管理处。', from: { path: 'transfer-offices', option: (each) => ({ code: each.id, text: each.name }) } },
      { name: 'reason', kind: 'text', label: '为什么归他们', least: 4, most: 200, chips: ['位置在对方的小区', '设备由对方维护', '对方已经在处理'] },
    ],
  },
  change_urgency: {
    title: '调整紧急程度',
    says: '调高,时限马上变严;调低,已经答应的时间不变,危急和紧急调低房管局会看到。',
    yes: '调整',
    fields: [
      { name: 'urgency', kind: 'choice', label: '现在是哪一级?', options: URGENCIES, but: (order) => order.urgency },
      { name: 'reason', kind: 'text', label: '为什么', least: 4, most: 200, chips: ['现场有危险', '影响多户用水用电', '已做好临时处理', '报修人说不急'] },
    ],
  },
  recategorise: {
    title: '改类别',
    says: '更危险的类别会同时调高紧急程度。',
    yes: '改成这一类',
    fields: [
      { name: 'category_code', kind: 'choice', label: '应该是哪一类?', search: FIND, from: { path: 'other-categories', option: (each) => ({ code: each.code, text: each.name }) } },
      { name: 'reason', kind: 'text', label: '为什么', least: 4, most: 200, chips: ['看照片是另一种情况', '到现场看过', '和报修人核实过'] },
    ],
  },
  record_cash: {
    title: '登记现金',
    says: '只在居民坚持付现金时用。收齐应收款、开了收据再登记,居民会马上收到消息。',
    sum: (order) => order.pay?.due_fen,
    yes: '登记',
    fields: [
      { name: 'photo_ids', kind: 'photos', label: '收据的照片', first: '拍收据', again: '再拍一张收据', least: 1 },
      { name: 'note', kind: 'text', label: '备注(可以不填)', hint: '例如:收据号 0000123', most: 100 },
    ],
  },
  reply_snap: {
    of: 'snaps',
    verb: 'reply',
    title: '答复居民',
    says: '居民会看到,并评价您的答复。答复就是处理完毕。',
    yes: '发给居民',
    fields: [
      { name: 'text', kind: 'text', label: '您的答复', hint: '做了什么、什么时候做;表扬也请说声谢谢', least: 2, most: 500, long: true, chips: ['谢谢您的表扬,已转告本人', '谢谢您的建议,我们会研究', '已安排人员处理', '已处理好,请您看一看'] },
      { name: 'photo_ids', kind: 'photos', label: '处理后的照片(可以没有)', first: '拍照片', again: '再拍一张' },
    ],
  },
  reply_snap_again: {
    of: 'snaps',
    verb: 'reply-again',
    title: '再次答复居民',
    says: '居民说没解决,又问了一次。答复后请居民评价。',
    yes: '发给居民',
    fields: [
      { name: 'text', kind: 'text', label: '您的答复', hint: '还差什么,怎么处理,什么时候好', least: 2, most: 500, long: true, chips: ['已再次安排人员处理', '已处理好,请您看一看', '需要时间,处理好马上告诉您'] },
      { name: 'photo_ids', kind: 'photos', label: '处理后的照片(可以没有)', first: '拍照片', again: '再拍一张' },
    ],
  },
  convert_snap: {
    of: 'snaps',
    verb: 'convert',
    title: '转为报修',
    says: '变成一张公区报事的工单,时限从现在起算;居民不用再报一遍。',
    yes: '转为报修',
    fields: [
      { name: 'category_code', kind: 'choice', label: '是哪一类问题?', search: FIND, from: { path: (snap) => `/menus?estate_id=${snap.estate_id}`, items: publicCategories, option: (each) => ({ code: each.code, text: each.name }) } },
      { name: 'hazardous', kind: 'choice', label: '现场有危险吗?', options: [{ code: true, text: '有危险', hint: '漏电、掉东西、会绊倒人' }], free: '没有危险' },
    ],
  },
}

function publicCategories(menus) {
  return menus.items.find((each) => each.menu === 'PUB')?.categories || []
}

/** The questions that are asked while `values` stand there. */
export function askedNow(form, values) {
  return form.fields.filter((field) => !field.when || field.when(values))
}

/** The address of a form's subject: /orders/7 or /snaps/7. */
export function addressOf(form, id) {
  return `/${form.of || 'orders'}/${id}`
}

/** The empty answers of a form. */
export function emptyOf(form) {
  return Object.fromEntries(form.fields.map((field) => [field.name, field.kind === 'photos' ? [] : '']))
}

/** The first thing that is missing, in one sentence; empty when nothing is. `options` are those that were loaded. */
export function missingIn(form, values, options = {}) {
  for (const field of askedNow(form, values)) {
    const wrong = MISSING[field.kind](field, values[field.name], options[field.name] || field.options || [])
    if (wrong) return wrong
  }
  return form.problem ? form.problem(values) : ''
}

const MISSING = {
  choice(field, value, options) {
    if (field.free && !value) return ''
    const chosen = options.find((each) => each.code === value)
    return chosen ? chosen.no || '' : `请选:${field.label}`
  },
  text(field, value) {
    const length = value.trim().length
    return field.least && length < field.least ? `“${field.label}”请写 ${field.least} 个字以上` : ''
  },
  photos: (field, value) => (field.least && value.length < field.least ? `请拍一张${field.label}` : ''),
  day: (field, value) => (value || field.free ? '' : `请选:${field.label}`),
}

/** What is sent; photos are the ids that the server gave them. */
export function bodyOf(form, values, photoIds) {
  const body = {}
  for (const field of askedNow(form, values)) {
    const value = values[field.name]
    if (field.kind === 'photos') body[field.name] = photoIds
    else if (field.kind === 'text') body[field.name] = value.trim()
    else if (value) body[field.name] = value
  }
  return body
}

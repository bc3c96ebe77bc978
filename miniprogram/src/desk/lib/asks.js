// What the desk is asked before an action is carried out: a question, answers to choose from, words. Pure.
//
// `path` is the last part of the address; `body(chosen, text)` what is sent. `least` is how many characters are needed.

const CALLED = ['已通知报修人', '没人接', '约了上门时间', '报修人说已经好了']
const WHY_NUMBER = ['回电确认情况', '约上门时间', '说明进度']
export const TO_HOTLINE = { 无人可派: 'no_staff', 不属本企业职责: 'not_responsible', 其他: 'other' }

function wordsOr(chosen, text) {
  return text.trim() || chosen
}

export const ASKS = {
  accept: {
    title: '接单,交给管理处',
    label: '和管理处的谁通了电话',
    hint: '例如:李经理',
    least: 2,
    most: 20,
    yes: '接单',
    body: (chosen, text) => ({ spoken_to: text.trim() }),
  },
  to_hotline: {
    title: '为什么转 962121?',
    options: Object.keys(TO_HOTLINE),
    must: true,
    label: '想说明的(可以不填)',
    most: 200,
    yes: '转 962121 热线',
    kind: 'danger',
    path: 'to-hotline',
    body: (chosen, text) => ({ reason: TO_HOTLINE[chosen], text: text.trim() }),
  },
  approve_extension: {
    title: '同意延期?',
    says: '同意后,修复期限从 3 天延到 5 天,只能延一次,居民会收到通知。',
    yes: '同意延期',
    path: 'approve-extension',
    body: () => ({}),
  },
  refuse_extension: {
    title: '不同意延期',
    label: '为什么不同意',
    hint: '例如:附近门店有货,请今天去取',
    least: 2,
    most: 200,
    yes: '不同意延期',
    kind: 'danger',
    path: 'refuse-extension',
    body: (chosen, text) => ({ note: text.trim() }),
  },
  log_call: {
    title: '记录电话',
    options: CALLED,
    label: '或者自己写',
    least: 2,
    most: 300,
    yes: '记下来',
    path: 'log-call',
    body: (chosen, text) => ({ result: wordsOr(chosen, text) }),
  },
  end_hold: {
    title: '恢复处理',
    says: '修复的时限从现在起接着走。',
    label: '为什么恢复',
    hint: '例如:住户已回家、自来水公司已修好',
    least: 2,
    most: 200,
    yes: '恢复处理',
    path: 'end-hold',
    body: (chosen, text) => ({ reason: text.trim() }),
  },
  hold_fund: {
    title: '转维修资金征询?',
    says: '修复的时限暂停,直到业主征询有了结果。居民会收到说明。',
    yes: '转维修资金征询',
    path: 'hold-fund',
    body: () => ({}),
  },
  unmerge: {
    title: '取消合并',
    label: '为什么是另一个问题',
    hint: '例如:是两盏不同的灯。单独处理,时限从它自己报修时算',
    least: 2,
    most: 200,
    yes: '取消合并',
    body: (chosen, text) => ({ reason: text.trim() }),
  },
  ask_info: {
    title: '请居民补充信息',
    says: '只能问一次,24 小时内答复;修复的时限暂停,接单和到场的时限照走。',
    options: ['请拍一张能看清位置的照片', '请写清楚是几号楼几单元几层', '请说一下什么时候在家'],
    label: '或者自己写',
    hint: '居民会看到',
    least: 4,
    most: 300,
    yes: '请居民补充',
    path: 'ask-info',
    body: (chosen, text) => ({ question: wordsOr(chosen, text) }),
  },
  waive: {
    title: '这次不收费?',
    says: '居民不用同意报价,可以直接开始维修。定了以后不能再改成收费。',
    yes: '这次不收费',
    body: () => ({}),
  },
  agree_cancel: {
    title: '同意取消?',
    says: '这张工单就此结束,不再维修。只收报价里写明的上门检测费,没写就不收。',
    yes: '同意取消',
    kind: 'danger',
    path: 'agree-cancel',
    body: () => ({}),
  },
  refuse_cancel: {
    title: '不同意取消',
    options: ['线路已经拆开,停下来有危险', '水阀还关着,要接好才能用', '配件已经换上,只差装好'],
    label: '或者自己写',
    hint: '居民会看到',
    least: 2,
    most: 200,
    yes: '接着修',
    path: 'refuse-cancel',
    body: (chosen, text) => ({ reason: wordsOr(chosen, text) }),
  },
  reveal: {
    title: '为什么要看电话?',
    options: WHY_NUMBER,
    label: '或者自己写',
    least: 2,
    most: 100,
    yes: '显示电话',
    says: '会记下谁在什么时候看了、为什么看。',
    path: 'reveal',
    body: (chosen, text) => ({ reason: wordsOr(chosen, text) }),
  },
}

/** For an order that another office wants to hand over (desk/transfers). */
export const SEND_BACK = {
  title: '不接收转单',
  options: ['位置不在本管理处的小区', '设备不归本管理处维护'],
  label: '或者自己写',
  hint: '对方会看到',
  least: 2,
  most: 200,
  yes: '不接收',
  kind: 'danger',
  body: (chosen, text) => ({ reason: wordsOr(chosen, text) }),
}

/** 不接收 a 随手拍 (S1-12). */
export const DECLINE_SNAP = {
  title: '不接收这件随手拍',
  says: '会转 962121 热线,居民会收到通知。',
  options: ['不属于物业服务范围', '事情不在本小区', '要由街道或主管部门处理'],
  label: '或者自己写',
  hint: '居民会看到',
  least: 2,
  most: 200,
  yes: '不接收,转热线',
  kind: 'danger',
  body: (chosen, text) => ({ reason: wordsOr(chosen, text) }),
}

/** What is missing in an answer, in one sentence; empty when nothing is. */
export function missingIn(ask, chosen, text) {
  if (ask.must && !chosen) return '请选一个原因'
  const said = ask.options && !ask.must ? wordsOr(chosen, text) : text.trim()
  if (ask.least && said.length < ask.least) return ask.options ? `请选一项,或写 ${ask.least} 个字以上` : `请写 ${ask.least} 个字以上`
  return ''
}

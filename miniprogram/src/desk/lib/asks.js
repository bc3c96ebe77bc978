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
    label: '为什么提前恢复',
    hint: '例如:住户已回家',
    least: 2,
    most: 200,
    yes: '恢复处理',
    path: 'end-hold',
    body: (chosen, text) => ({ reason: text.trim() }),
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

/** What is missing in an answer, in one sentence; empty when nothing is. */
export function missingIn(ask, chosen, text) {
  if (ask.must && !chosen) return '请选一个原因'
  const said = ask.options && !ask.must ? wordsOr(chosen, text) : text.trim()
  if (ask.least && said.length < ask.least) return ask.options ? `请选一项,或写 ${ask.least} 个字以上` : `请写 ${ask.least} 个字以上`
  return ''
}

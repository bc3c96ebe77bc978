// The promise card in words: who answers by when, what follows if they do not, who comes next (domain 3.6).

import { answerBy } from './snaps.js'
import { clockTime, moment } from './words.js'

const NEXT = {
  C2: (when) => `师傅 ${when} 前到现场`,
  'C2-APT': (when) => `师傅按您约的时间上门,${when} 前到`,
  C3: (when) => `${when} 前修好`,
}
const ORDER = ['C2', 'C2-APT', 'C3']

/** 小区物业 14:44 前答复您 */
export function answerWords(card, now = Date.now()) {
  if (card.snap_id) return `${answerBy(card.due_at, now)}您`
  const due = dueOf(card, 'C1')
  if (!due) return '小区物业会尽快答复您'
  return `小区物业 ${sameDay(due, now) ? clockTime(due) : moment(due, now)} 前答复您`
}

/** What happens by itself when nobody answers in time; empty when nothing was promised. */
export function otherwiseWords(card) {
  if (card.snap_id) return '到时没有答复,会记下来,房管局看得到'
  return dueOf(card, 'C1') ? '过时自动转 962121 热线,热线会联系您' : ''
}

/** The later promises, in their order: ["师傅 今天 14:59 前到现场", ...]. */
export function nextWords(card, now = Date.now()) {
  return ORDER.filter((clock) => dueOf(card, clock)).map((clock) => NEXT[clock](moment(dueOf(card, clock), now)))
}

function dueOf(card, clock) {
  return (card.promises || []).find((promise) => promise.clock === clock)?.due_at
}

function sameDay(due, now) {
  return moment(due, now).startsWith('今天')
}

// Paying one or several payments, one after the other, until the server says how each has ended.
//
// Before WeChat is asked, this phone notes that it asks (a claim). Whoever comes back, also after the app was closed,
// first hears from the server what became of it; until then nothing more can be paid. Nothing here waits in the outbox:
// money is only asked for while the person looks on.

import { reactive } from 'vue'
import { Offline, command, query } from '../../lib/api'
import { sentence } from '../../lib/going'
import { intention } from '../../lib/intention'
import { drop, keep, kept } from '../../lib/keeping'
import { rememberTill } from '../../lib/open-till'
import { isWaiting } from './payments'
import { NOWHERE, SAID_CANCELLED, SAID_FAILED, SAID_PAID, WENT_AWAY, heardOnReturn, toWeChat } from './wechat-pay'

const ASKED = 'asked' // WeChat has it, and nobody has heard what came of it
const SAID = 'said' // WeChat told this phone that it is paid; the server has not heard it
const UNHEARD = 'pay_unavailable' // the server has asked WeChat and got no answer
const EAGER = 6
const NOTES = {
  [SAID_CANCELLED]: '您取消了付款,钱没有动。账单还在,可以接着付。',
  [SAID_FAILED]: '微信没有付成。没有扣钱,可以再付一次;扣了钱,几分钟内这里会显示已支付。',
  [WENT_AWAY]: '还没有收到微信的付款结果。您已经付了,就等一等,不要重复付款;没有付,可以接着付。',
  [NOWHERE]: '这里不能用微信支付,请在微信里打开安居小程序付款。',
}

/**
 * Its fields: payments (in their order), claims (by id), busy ('' | 'pay' | 'look' | 'cancel'), problem, note and silence
 * (sentences; silence is the server's, while WeChat does not tell it anything either). `look()` asks the server how things stand, `pay()` hands the first unpaid one over to WeChat, `giveUp()`
 * cancels all that are unpaid.
 */
export function openTill(ids) {
  const till = reactive({ payments: [], claims: {}, busy: '', problem: '', note: '', silence: '' })
  const run = intention()
  let looks = 0
  let heard = heardOnReturn()

  const current = () => till.payments.find(isWaiting) || null

  function take(payment) {
    const place = till.payments.findIndex((each) => each.id === payment.id)
    if (place < 0) till.payments.push(payment)
    else till.payments[place] = payment
    if (!isWaiting(payment)) claim(payment.id, '')
    rememberTill(till.payments.some(isWaiting) ? ids : [])
    return payment
  }

  function claim(id, what) {
    till.claims[id] = what
    if (what) keep(`seen.claim.${id}`, what)
    else drop(`seen.claim.${id}`)
  }

  /** What became of a payment that WeChat was asked for; while nobody can say, the claim stands. */
  async function ask(id, how = WENT_AWAY) {
    try {
      const payment = take(await command(`/payments/${id}/check`))
      till.silence = ''
      if (isWaiting(payment) && till.claims[id] === ASKED) {
        claim(id, '')
        till.note = NOTES[how]
      }
    } catch (error) {
      if (!till.payments.some((each) => each.id === id)) take(await query(`/payments/${id}`))
      if (error.code === UNHEARD) till.silence = error.message
      else if (!(error instanceof Offline)) till.problem = sentence(error)
    }
  }

  async function refresh() {
    const eager = looks < EAGER || looks % EAGER === 0
    looks += 1
    for (const id of ids) {
      const known = till.payments.find((each) => each.id === id)
      if (known && !isWaiting(known)) continue
      till.claims[id] = kept(`seen.claim.${id}`, '')
      if (till.claims[id] && heard === SAID_PAID) claim(id, SAID)
      if (till.claims[id] && eager) await ask(id, heard || WENT_AWAY)
      else take(await query(`/payments/${id}`))
    }
    heard = ''
  }

  /** One thing at a time: a second tap while the first is on its way does nothing. */
  async function alone(what, work) {
    if (till.busy) return
    till.busy = what
    try {
      await work()
    } catch (error) {
      if (what !== 'look' || !(error instanceof Offline) || !till.payments.length) till.problem = sentence(error)
    } finally {
      till.busy = ''
    }
  }

  function look({ now = false } = {}) {
    if (now) {
      looks = 0
      till.problem = ''
    }
    return alone('look', refresh)
  }

  function pay() {
    return alone('pay', async () => {
      Object.assign(till, { problem: '', note: '' })
      const { id } = current()
      const opened = take(await run(`/payments/${id}/open`))
      if (!isWaiting(opened)) return
      claim(id, ASKED)
      await hear(id, await toWeChat(opened))
    })
  }

  /** What the phone believes after WeChat's window has closed. */
  async function hear(id, how) {
    if (how === WENT_AWAY) return
    if (how === NOWHERE) {
      claim(id, '')
      till.note = NOTES[how]
      return
    }
    if (how === SAID_PAID) claim(id, SAID)
    looks = 0
    await ask(id, how)
  }

  function giveUp() {
    return alone('cancel', async () => {
      Object.assign(till, { problem: '', note: '' })
      for (const { id } of till.payments.filter(isWaiting)) take(await run(`/payments/${id}/cancel`))
    })
  }

  return Object.assign(till, { current, look, pay, giveUp })
}

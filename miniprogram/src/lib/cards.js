// Promise cards: what the server promised for an order or a 随手拍 that this person sent, also when it was taken hours later
// from the outbox. A page sends through `sendOrder` and ends on pages/sent; the card comes when the server has answered.

import { reactive } from 'vue'
import { Refusal } from './api'
import { dropDraft, keepDraft } from './drafts'
import { go, goInstead } from './going'
import { newKey } from './ids'
import { keep, kept } from './keeping'
import { onSent, remove, send } from './outbox'

const KEPT = 10
const PATIENCE_MS = 8000

/** Newest first: { lane, title, seen, order_id or snap_id, number, submitted_at, ... } of POST /orders or /snaps. */
export const cards = reactive({ items: kept('cards', []), refused: {} })

/** The filled-in page behind what waits, by lane: a refusal that comes hours later can still be mended. */
const forms = kept('forms', {})

function keepForm(lane, form) {
  if (form) forms[lane] = form
  else delete forms[lane]
  keep('forms', forms)
}

onSent((entry, answer) => {
  keepForm(entry.lane, null)
  if (!answer.number || !pageOf(answer)) return
  const card = { ...answer, lane: entry.lane, title: entry.title, seen: false }
  cards.items = [card, ...cards.items.filter((each) => each.lane !== entry.lane)].slice(0, KEPT)
  keep('cards', cards.items)
})

/** Where it goes on. */
export function pageOf(card) {
  if (card.snap_id) return `/more/snap/snap?id=${card.snap_id}`
  return card.order_id ? `/pages/order/order?id=${card.order_id}` : ''
}

/** The card of what was sent in this lane, or null while it waits. */
export function cardOf(lane) {
  return cards.items.find((card) => card.lane === lane) || null
}

/** The person has read it: it need not be told on the home page. */
export function seen(lane) {
  const card = cardOf(lane)
  if (!card || card.seen) return
  card.seen = true
  keep('cards', cards.items)
}

/** Somebody else uses this phone now. */
export function forgetCards() {
  cards.items = []
  keep('cards', [])
}

/** Whether a refused entry can go back to its page: not while something newer is being filled in there. */
export function canMend(entry) {
  const form = forms[entry.lane]
  return Boolean(form) && !kept(`draft.${form.name}`)
}

/** Back to the page with everything that was filled in; the entry itself is taken out. */
export async function mend(entry) {
  const form = forms[entry.lane]
  keepDraft(form.name, form.values)
  keepForm(entry.lane, null)
  await remove(entry.id, { keepFiles: true })
  go(form.url)
}

/** The person gives it up, with its photos. */
export async function giveUp(entry) {
  keepForm(entry.lane, null)
  await remove(entry.id)
}

/**
 * Send an order and go to the page that says what happens now; raises Refusal when the server says no, and then the
 * draft is as it was. A slow network is not waited for: the page says that it is kept, and the card comes later.
 *
 * work: as for outbox.send; form: { name, values, url }, the draft behind it and the page to mend it on.
 */
export async function sendOrder(work, form) {
  const lane = newKey()
  const sending = send({ ...work, lane }) // the outbox has it from here on: closing the app loses nothing
  keepForm(lane, form)
  dropDraft(form.name)
  sending.catch(() => {
    keepForm(lane, null)
    keepDraft(form.name, form.values)
  })
  const late = await Promise.race([sending, patience()])
  if (late === PATIENCE_MS) sending.catch((error) => tellRefusal(lane, error, form))
  goInstead(`/pages/sent/sent?lane=${lane}`)
}

function patience() {
  return new Promise((resolve) => setTimeout(() => resolve(PATIENCE_MS), PATIENCE_MS))
}

function tellRefusal(lane, error, form) {
  if (!(error instanceof Refusal)) throw error
  cards.refused[lane] = { why: error.message, url: form.url }
}

// What a person has sent and the server has not yet answered. It survives a closed app and is sent exactly once.
//
// An entry is one command with its files. It is kept on the phone before the first try; each file and the command have a
// request id of their own, the same for every try, so that the server does a thing once however often it hears of it.
// Entries of one lane (all steps of one order) go in the order in which they were made; lanes do not wait for each other.

import { reactive } from 'vue'
import { Offline, Refusal, command, upload } from './api'
import { dropFile, openFile } from './files'
import { newKey } from './ids'
import { keep, kept } from './keeping'
import { onNetworkBack } from './network'
import { token } from './session'

const TRY_AGAIN_MS = 15000
const FILE_LOST = '手机里的照片找不到了,请重新拍一张'

/** Entries waiting (`waiting`) or refused by the server (`refused`, with `why`), oldest first. */
export const outbox = reactive({ entries: kept('outbox', []), busy: false })
const heard = new Set()
let timer = null

/**
 * Send a command, or keep it until there is a network.
 *
 * work: { title, lane, path, body, method, files: [{ ref, into, path, field }] }. `into` names the list in the body
 * that takes the file's id ("photo_ids"), or with a "=" at its end the single value ("voice_id=").
 * Resolves with { sent: true, answer } or { sent: false } when it is kept; rejects with Refusal when the server said no
 * at once (the entry is gone, the files stay: they belong to the page's draft).
 */
export async function send(work) {
  const entry = {
    id: newKey(),
    key: newKey(),
    lane: work.lane || newKey(),
    title: work.title,
    path: work.path,
    method: work.method || 'POST',
    body: work.body || {},
    files: prepared(work.files),
    madeAt: new Date().toISOString(),
    account: kept('me')?.account_id,
    state: 'waiting',
    why: '',
  }
  outbox.entries.push(entry)
  save()
  const result = await flush(entry.id)
  if (result instanceof Refusal) {
    await remove(entry.id, { keepFiles: true })
    throw result
  }
  return result ? { sent: true, answer: result } : { sent: false }
}

/**
 * Send a refused entry once more with other content, in its old place: what was made after it still comes after it.
 * A new wish has a new request id; files that had arrived already are not sent again. Resolves like `send`; on a Refusal
 * the entry stays, refused.
 */
export async function mend(id, work) {
  const entry = find(id)
  if (!entry) return send(work)
  const files = prepared(work.files, entry.files)
  Object.assign(entry, { key: newKey(), body: work.body || {}, files, state: 'waiting', why: '' })
  save()
  const result = await flush(id)
  if (result instanceof Refusal) throw result
  return result ? { sent: true, answer: result } : { sent: false }
}

function prepared(files = [], before = []) {
  return files.map((file) => {
    const known = before.find((each) => each.ref === file.ref && each.into === file.into)
    return { path: '/photos', field: 'photo', ...file, key: known?.key || newKey(), id: known?.id || null }
  })
}

/** Try everything that waits. Resolves with the answer or the Refusal of the entry `wanted`, if it was tried. */
export async function flush(wanted = null) {
  while (outbox.busy) await new Promise((resolve) => setTimeout(resolve, 50))
  if (!token()) return null
  outbox.busy = true
  let found = null
  const stopped = new Set()
  try {
    for (const entry of inTurn(wanted)) {
      if (stopped.has(entry.lane) || !isMine(entry)) continue
      const result = entry.state === 'refused' ? new Refusal(0, { message: entry.why }) : await attempt(entry)
      if (entry.id === wanted) found = result
      if (!result) break // nobody answers: the others would only wait for the same silence
      if (result instanceof Refusal) stopped.add(entry.lane)
    }
  } finally {
    outbox.busy = false
  }
  plan()
  return found
}

/** Whose it is: on a phone that two people share, nobody's report goes out under the other's name. */
export function isMine(entry) {
  return !entry.account || entry.account === kept('me')?.account_id
}

/** The lane for which somebody is waiting goes first, each lane in the order in which it was made. */
function inTurn(wanted) {
  const lane = find(wanted)?.lane
  const first = outbox.entries.filter((entry) => entry.lane === lane)
  return [...first, ...outbox.entries.filter((entry) => entry.lane !== lane)]
}

async function attempt(entry) {
  try {
    for (const file of entry.files) await sendFile(entry, file)
    const answer = (await command(entry.path, filled(entry), { key: entry.key, method: entry.method })) || {}
    await remove(entry.id)
    for (const listener of heard) listener(entry, answer)
    return answer
  } catch (error) {
    if (error instanceof Offline) return null
    if (!(error instanceof Refusal)) throw error
    Object.assign(find(entry.id) || {}, { state: 'refused', why: error.message })
    save()
    return error
  }
}

async function sendFile(entry, file) {
  if (file.id) return
  const path = await openFile(file.ref)
  if (!path) throw new Refusal(0, { message: FILE_LOST })
  const answer = await upload(file.path, path, { field: file.field, key: file.key })
  const stored = find(entry.id)?.files.find((each) => each.key === file.key)
  for (const each of [file, stored]) if (each) each.id = answer.id
  save()
}

function filled(entry) {
  const body = { ...entry.body }
  for (const file of entry.files) {
    if (file.into.endsWith('=')) body[file.into.slice(0, -1)] = file.id
    else body[file.into] = [...(body[file.into] || []), file.id]
  }
  return body
}

/** Take an entry out, for instance because the person gives it up. */
export async function remove(id, { keepFiles = false } = {}) {
  const entry = find(id)
  outbox.entries = outbox.entries.filter((each) => each.id !== id)
  save()
  if (entry && !keepFiles) for (const file of entry.files) await dropFile(file.ref)
}

/** Try a refused entry again, after the person has read why. */
export function retry(id) {
  Object.assign(find(id) || {}, { state: 'waiting', why: '' })
  save()
  return flush(id)
}

/** Entries that wait in a lane. */
export function waitingIn(lane) {
  return outbox.entries.filter((entry) => entry.lane === lane)
}

/** The actions on an order that wait in its lane, as the server names them: ["agree_quote"]. */
export function keptActions(lane) {
  return waitingIn(lane)
    .filter((entry) => entry.state === 'waiting' && isMine(entry))
    .map((entry) => entry.path.split('/').pop().replace(/-/g, '_'))
}

/** Be told of each entry that the server has taken: listener(entry, answer). Returns how to stop. */
export function onSent(listener) {
  heard.add(listener)
  return () => heard.delete(listener)
}

/** Called once by App.vue. */
export function watchNetwork() {
  onNetworkBack(() => flush())
  flush()
}

function plan() {
  clearTimeout(timer)
  if (outbox.entries.some((entry) => entry.state === 'waiting' && isMine(entry))) timer = setTimeout(() => flush(), TRY_AGAIN_MS)
}

function find(id) {
  return outbox.entries.find((entry) => entry.id === id)
}

function save() {
  keep('outbox', outbox.entries)
}

// The only way to the server. A query reads; a command changes and carries a request id, so that a retry never doubles.
//
// Two things can go wrong, and pages treat them differently: `Refusal` (the server said no, and says why in Chinese) and
// `Offline` (nobody answered: keep what the person did and try again later).

import { API } from './address'
import { newKey } from './ids'
import { token, renew, forget } from './session'

const TIMEOUT_MS = 15000
const UPLOAD_TIMEOUT_MS = 60000
const NOBODY_THERE = [502, 503, 504]

/** The server refused; `message` is for people, `fields` names what to mend, `code` is for the program. */
export class Refusal extends Error {
  constructor(status, answer) {
    super(answer?.message || '暂时办不了,请稍后再试或打电话给物业')
    this.name = 'Refusal'
    this.status = status
    this.code = answer?.code || 'unknown'
    this.fields = answer?.fields || {}
    this.details = answer?.details || {}
  }
}

/** Nobody answered in time. */
export class Offline extends Error {
  constructor() {
    super('网络不好,请稍后再试')
    this.name = 'Offline'
  }
}

/** GET /api/v1{path}; `asked` are query values, empty ones are left out. */
export function query(path, asked = {}, { again = 1 } = {}) {
  return withRetries(again, () => once('GET', path + asText(asked), undefined, {}))
}

/** A change. Give the same `key` again for the same intention. */
export function command(path, body = undefined, { key = newKey(), method = 'POST', again = 1 } = {}) {
  return withRetries(again, () => once(method, path, body, { 'Idempotency-Key': key }))
}

/** Send one file of this phone (a path of uni.chooseImage or of the recorder). */
export function upload(path, filePath, { field = 'photo', key = newKey(), again = 1 } = {}) {
  return withRetries(again, () => sendFile(path, filePath, field, key))
}

async function withRetries(again, attempt) {
  for (let left = again; ; left -= 1) {
    try {
      return await attempt()
    } catch (error) {
      if (!(error instanceof Offline) || left <= 0) throw error
    }
  }
}

async function once(method, path, body, headers, mayRenew = true) {
  const answer = await ask(method, path, body, headers)
  if (answer.statusCode === 401 && mayRenew && (await renew())) return once(method, path, body, headers, false)
  return opened(answer.statusCode, answer.data)
}

function ask(method, path, body, headers) {
  const sent = headersWith(headers)
  if (body !== undefined) sent['Content-Type'] = 'application/json'
  return new Promise((resolve, reject) => {
    uni.request({
      url: API + path,
      method,
      data: body === undefined ? undefined : JSON.stringify(body),
      header: sent,
      timeout: TIMEOUT_MS,
      success: resolve,
      fail: () => reject(new Offline()),
    })
  })
}

async function sendFile(path, filePath, field, key, mayRenew = true) {
  const answer = await new Promise((resolve, reject) => {
    uni.uploadFile({
      url: API + path,
      filePath,
      name: field,
      header: headersWith({ 'Idempotency-Key': key }),
      timeout: UPLOAD_TIMEOUT_MS,
      success: resolve,
      fail: () => reject(new Offline()),
    })
  })
  if (answer.statusCode === 401 && mayRenew && (await renew())) return sendFile(path, filePath, field, key, false)
  return opened(answer.statusCode, parsed(answer.data))
}

function opened(status, data) {
  if (status >= 200 && status < 300) return data
  if (!status || NOBODY_THERE.includes(status)) throw notThere(status, data)
  if (status === 401) forget()
  throw new Refusal(status, data)
}

/** A 503 with a code is an answer ("微信暂时不可用"); without one it comes from a proxy and means nobody. */
function notThere(status, data) {
  return data?.code ? new Refusal(status, data) : new Offline()
}

function headersWith(more) {
  const mine = token()
  return mine ? { ...more, Authorization: `Bearer ${mine}` } : { ...more }
}

function parsed(text) {
  try {
    return typeof text === 'string' ? JSON.parse(text) : text
  } catch {
    return null
  }
}

function asText(asked) {
  const parts = Object.entries(asked)
    .filter(([, value]) => value !== undefined && value !== null && value !== '')
    .map(([name, value]) => `${name}=${encodeURIComponent(value)}`)
  return parts.length ? `?${parts.join('&')}` : ''
}

// Who is signed in. One login at a time, however many pages ask for it (two at once would make two sessions).

import { API } from './address'
import { drop, keep, kept } from './keeping'

const SIGN_IN = '/pages/sign-in/sign-in'
let running = null

export function token() {
  return kept('token', '')
}

/** Take over the answer of a login. */
export function signedIn(answer) {
  keep('token', answer.token)
}

/** The token is dead; what the person typed stays. */
export function forget() {
  drop('token')
  drop('me')
}

/** A new session after a 401, or before the first request. False when the person has to do something for it. */
export function renew() {
  running = running || login().finally(() => (running = null))
  return running
}

/** At the start of a page that needs somebody: true when somebody is there, else the sign-in page opens. */
export async function ensureSignedIn() {
  if (token() || (await renew())) return true
  uni.reLaunch({ url: SIGN_IN })
  return false
}

async function login() {
  // #ifdef MP-WEIXIN
  const code = await new Promise((resolve) => {
    uni.login({ success: (found) => resolve(found.code), fail: () => resolve('') })
  })
  if (!code) return false
  const answer = await new Promise((resolve) => {
    uni.request({
      url: `${API}/login`,
      method: 'POST',
      data: JSON.stringify({ code }),
      header: { 'Content-Type': 'application/json' },
      success: resolve,
      fail: () => resolve(null),
    })
  })
  if (answer?.statusCode !== 200) return false
  signedIn(answer.data)
  return true
  // #endif
  // #ifndef MP-WEIXIN
  forget() // a browser has no WeChat behind it: the person signs in on a page
  return false
  // #endif
}

// Asking for one more WeChat message at the moment when it makes sense to the person (send, urge, rate, pay, tell).
//
// One consent is one message. WeChat tells the server what was answered; the client only asks. Must be called straight
// from a tap, before anything is awaited: WeChat refuses otherwise.

import { query } from './api'
import { keep, kept } from './keeping'

/** Load the template ids in time for the next tap. */
export async function prepareConsent() {
  try {
    keep('templates', await query('/me/message-templates'))
  } catch {
    // without them nobody is asked; the inbox has every message anyway
  }
}

/** moment: 'send', 'urge', 'rate', 'pay' or 'tell'. Never fails and never holds anything up. */
export function askConsent(moment) {
  // #ifdef MP-WEIXIN
  const ids = kept('templates', {})[moment] || []
  if (ids.length) uni.requestSubscribeMessage({ tmplIds: ids.slice(0, 3), complete: () => {} })
  // #endif
}

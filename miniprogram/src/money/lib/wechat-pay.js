// Handing a payment over to WeChat. What comes back is what the phone believes; only the server's word counts.

export const SAID_PAID = 'paid'
export const SAID_CANCELLED = 'cancelled'
export const SAID_FAILED = 'failed'
export const WENT_AWAY = 'away'
export const NOWHERE = 'nowhere'
const LEAVING_MS = 3000

// #ifdef MP-WEIXIN
/** WeChat's own window over ours. Resolves with SAID_PAID, SAID_CANCELLED or SAID_FAILED. */
export function toWeChat({ wechat }) {
  if (!wechat) return Promise.resolve(NOWHERE)
  return new Promise((resolve) => {
    uni.requestPayment({
      provider: 'wxpay',
      ...wechat,
      success: () => resolve(SAID_PAID),
      fail: ({ errMsg }) => resolve(/cancel/.test(errMsg || '') ? SAID_CANCELLED : SAID_FAILED),
    })
  })
}
// #endif

/** What WeChat said when its page led back here; a phone hears it at once, and nothing has to be read. */
export function heardOnReturn() {
  // #ifdef H5
  const { search, pathname, hash } = window.location
  const result = new URLSearchParams(search).get('result')
  if (search) window.history.replaceState(window.history.state, '', pathname + hash)
  return RESULTS[result] || ''
  // #endif
  // #ifndef H5
  return ''
  // #endif
}

// #ifndef MP-WEIXIN
const RESULTS = { ok: SAID_PAID, cancel: SAID_CANCELLED }

/** A browser has no WeChat: the demonstration has a cashier's page, which leads back to where we are now. */
export function toWeChat({ cashier_url: cashier }) {
  if (!cashier) return Promise.resolve(NOWHERE)
  const { href, origin, pathname, hash } = window.location
  const there = new URL(cashier, href)
  there.searchParams.set('back', origin + pathname + hash)
  window.location.assign(there.href)
  return new Promise((resolve) => setTimeout(() => resolve(WENT_AWAY), LEAVING_MS))
}
// #endif

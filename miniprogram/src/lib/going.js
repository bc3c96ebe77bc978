// From page to page, and out of the app: one tap to a telephone.

import { Offline, Refusal } from './api'

export function go(url) {
  uni.navigateTo({ url, fail: () => uni.redirectTo({ url }) })
}

/** Instead of this page: it must not be come back to (a sent form). */
export function goInstead(url) {
  uni.redirectTo({ url })
}

export function goHome() {
  uni.reLaunch({ url: '/pages/home/home' })
}

export function back() {
  if (getCurrentPages().length > 1) uni.navigateBack()
  else goHome()
}

/** The next question of the same page is read from its beginning. */
export function toTop() {
  uni.pageScrollTo({ scrollTop: 0, duration: 0 })
}

/** What went wrong stands at the end of the page. */
export function toEnd() {
  setTimeout(() => uni.pageScrollTo({ scrollTop: 99999, duration: 0 }), 50)
}

export function call(phone) {
  uni.makePhoneCall({ phoneNumber: phone, fail: () => {} })
}

/** The sentence to show for anything that went wrong; what is no refusal and no bad network is a fault of ours. */
export function sentence(error) {
  if (error instanceof Refusal || error instanceof Offline) return error.message
  console.error(error)
  return '这一步没有成功,您填的内容还在,请再试一次或打电话给物业'
}

// 听一听: the page read aloud where the platform can. A browser speaks by itself; WeChat only with the plug-in
// 同声传译, which the operator adds in the mini-program's account (docs/wechat-go-live.md).

import { reactive } from 'vue'

export const speech = reactive({ able: able(), speaking: false })

function able() {
  // #ifdef H5
  return typeof window !== 'undefined' && 'speechSynthesis' in window
  // #endif
  // #ifndef H5
  return false
  // #endif
}

/** Read a text aloud, or fall silent when it is being read. */
export function speak(text) {
  // #ifdef H5
  const { speechSynthesis: voice } = window
  const was = speech.speaking
  voice.cancel()
  speech.speaking = false
  if (was || !text) return
  const spoken = new SpeechSynthesisUtterance(text)
  spoken.lang = 'zh-CN'
  spoken.rate = 0.85
  spoken.onend = spoken.onerror = () => (speech.speaking = false)
  speech.speaking = true
  voice.speak(spoken)
  // #endif
}

export function hush() {
  // #ifdef H5
  if (speech.able) window.speechSynthesis.cancel()
  speech.speaking = false
  // #endif
}

// 字号: 1, 1.25 or 1.5; WeChat's own font size counts until the person chooses (checklist 2, 3).

import { reactive } from 'vue'
import { drop, keep, kept } from './keeping'

export const STEPS = [1, 1.25, 1.5]
export const LABELS = { 1: '标准', 1.25: '大', 1.5: '特大' }

export const font = reactive({ scale: kept('font') || fromWeChat() })

function fromWeChat() {
  // #ifdef MP-WEIXIN
  const factor = wx.getAppBaseInfo ? wx.getAppBaseInfo().fontSizeScaleFactor : 1
  if (factor > 1) return Math.min(factor, 1.5)
  // #endif
  return 1
}

export function setFont(scale) {
  font.scale = scale
  keep('font', scale)
}

/** The next larger step, then the smallest again: one button is enough. */
export function nextFont() {
  setFont(STEPS.find((step) => step > font.scale) || STEPS[0])
}

/** Follow WeChat again. */
export function followWeChat() {
  drop('font')
  font.scale = fromWeChat()
}

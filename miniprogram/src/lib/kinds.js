// The kinds of orders, and 随手拍, in words and colours; the colour never stands without its word (checklist 8).

const KINDS = {
  APT: { word: '预约', look: 'booking', title: '服务预约' },
  PUB: { word: '报事', look: 'report', title: '公区报事' },
  EMG: { word: '急修', look: 'emergency', title: '应急维修' },
  SNAP: { word: '随手拍', look: 'snap', title: '随手拍' },
}

/** { word, look, title } of a menu code; `look` is a kind of AnjuButton and of AnjuKind. */
export function kindOf(menu) {
  return KINDS[menu] || { word: '工单', look: 'report', title: '工单' }
}

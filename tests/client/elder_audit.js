// The numbers of the large-type checklist, measured on the page that is shown. Evaluated in the page:
//   audit({ scale: 1.5, target: 60 }) -> ["[1] 17px: 文字", ...]
// 1 CSS px at initial scale 1 is 1 dp. The bar on top is WeChat's own in a mini-program and grows with it; here it has
// to be readable and pressable, while its type need not grow with our scale.

({ scale, target }) => {
  const faults = new Set()
  const PRESSABLE = '[role=button],[role=radio],[role=checkbox],[role=link],[role=tab],[role=switch],uni-button,a,uni-input,uni-textarea'
  const MAIN = '.body,.h1,.h2,.anju-button-text,.anju-option-text,.menu-title'
  const MENUS = ['服务预约', '公区报事', '应急维修', '我的记录']
  const LURES = /(?<![待已您])领取|立即下载|红包|抽奖|验证码/
  const HEAD = 'uni-page-head'
  const MIN = { type: 18, mainAtLargest: 30, spacing: 1.3, paragraphs: 1.3 }
  const viewport = document.documentElement.clientWidth

  const say = (row, what, words) => faults.add(`[${row}] ${what}: ${String(words).trim().slice(0, 40)}`)
  const style = (element) => getComputedStyle(element)
  const px = (text) => parseFloat(text)

  const shown = (element) => {
    const box = element.getBoundingClientRect()
    return box.width > 0 && box.height > 0 && style(element).visibility !== 'hidden'
  }

  function* texts() {
    const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT)
    while (walker.nextNode()) {
      const node = walker.currentNode
      const element = node.parentElement
      if (!node.data.trim() || !element || /^(SCRIPT|STYLE|TEMPLATE)$/.test(element.tagName)) continue
      if (shown(element) && element.checkVisibility()) yield { node, element, words: node.data }
    }
    for (const field of document.querySelectorAll('input,textarea')) {
      if (shown(field)) yield { node: null, element: field, words: field.value || field.placeholder || '(empty field)' }
    }
  }

  const rectsOf = (node, from = 0, to = node.length) => {
    const range = document.createRange()
    range.setStart(node, from)
    range.setEnd(node, to)
    return [...range.getClientRects()].filter((rect) => rect.width > 0)
  }

  /** On how many lines these characters stand. */
  const lines = (node, from, to) => {
    const tops = []
    for (const rect of rectsOf(node, from, to)) {
      if (!tops.some((top) => Math.abs(top - rect.top) < rect.height / 2)) tops.push(rect.top)
    }
    return tops.length
  }

  function type({ element, words }) {
    const of = style(element)
    const size = px(of.fontSize)
    if (size < MIN.type) say(1, `${size}px`, words)
    if (scale >= 1.5 && element.matches(`${MAIN},${MAIN} *`) && size < MIN.mainAtLargest) say(2, `${size}px at the largest step`, words)
    if (!/sans-serif\s*$/.test(of.fontFamily)) say(4, of.fontFamily, words)
    if (!(px(of.lineHeight) / size >= MIN.spacing - 0.005)) say(5, `line spacing ${of.lineHeight} of ${of.fontSize}`, words)
    if (LURES.test(words)) say(words.includes('验证码') ? 9 : 18, 'lures, or asks for a code', words)
  }

  function paragraphs() {
    for (const second of document.querySelectorAll('.para + .para')) {
      if (!shown(second)) continue
      const gap = second.getBoundingClientRect().top - second.previousElementSibling.getBoundingClientRect().bottom
      if (gap < MIN.paragraphs * px(style(second).lineHeight) - 1) say(6, `${gap}px between paragraphs`, second.innerText)
    }
  }

  function targets() {
    for (const element of document.querySelectorAll(PRESSABLE)) {
      if (!shown(element) || !element.checkVisibility()) continue
      const least = element.closest(HEAD) ? 60 : target
      const box = element.getBoundingClientRect()
      if (box.width < least - 0.5 || box.height < least - 0.5) {
        say(least === 60 ? 10 : 11, `${Math.round(box.width)} x ${Math.round(box.height)}`, element.innerText || element.getAttribute('aria-label') || element.tagName)
      }
    }
  }

  function states() {
    for (const alert of document.querySelectorAll('[role=alert]')) {
      if (shown(alert) && alert.innerText.trim() && !alert.innerText.trim().startsWith('错误')) say(8, 'an alert in colour only', alert.innerText)
    }
    for (const option of document.querySelectorAll('[role=radio],[role=checkbox]')) {
      if (!shown(option)) continue
      const chosen = option.getAttribute('aria-checked')
      if (!/^(true|false)$/.test(chosen)) say(8, 'an option without aria-checked', option.innerText)
      if (chosen === 'true' && !signOf(option)) say(8, 'chosen by colour only', option.innerText)
    }
  }

  /** A chosen option shows a sign or says so; the sign may be drawn by its style. */
  const signOf = (option) => {
    const drawn = (element) => ['::before', '::after'].some((part) => /[✓★]/.test(getComputedStyle(element, part).content))
    return /[✓★]|已选/.test(option.innerText) || [option, ...option.querySelectorAll('*')].some(drawn)
  }

  function dialogs() {
    for (const dialog of document.querySelectorAll('[role=alertdialog]')) {
      if (!shown(dialog)) continue
      const inside = dialog.getBoundingClientRect()
      const buttons = [...dialog.querySelectorAll('.anju-button')].filter(shown)
      if (!buttons.length) say(14, 'a dialog without a button', dialog.innerText)
      const wide = (each) => each.getBoundingClientRect().width >= (inside.width - 40) * 0.9
      const last = buttons.at(-1)
      if (last && !wide(last)) say(14, 'the closing button is not full width', last.innerText)
      if (inside.bottom > innerHeight + 1) say(14, 'a dialog runs out of the screen', dialog.innerText)
    }
  }

  function cut({ node, element, words }) {
    if (element.closest('[aria-hidden=true]')) return
    const boxes = node ? rectsOf(node) : [element.getBoundingClientRect()]
    for (const box of boxes) {
      if (box.right > viewport + 1 || box.left < -1) say(20, 'beyond the edge', words)
    }
    for (let outer = element; outer && outer !== document.body; outer = outer.parentElement) {
      const of = style(outer)
      if (of.textOverflow === 'ellipsis' && outer.scrollWidth > outer.clientWidth + 1) say(20, 'shortened with dots', words)
      if (!/hidden|clip/.test(of.overflowX + of.overflowY)) continue
      const frame = outer.getBoundingClientRect()
      const out = (box) => box.right > frame.right + 1 || box.left < frame.left - 1 || box.bottom > frame.bottom + 2 || box.top < frame.top - 2
      const scrolls = /auto|scroll/.test(of.overflowY)
      if (!scrolls && boxes.some(out)) say(20, 'cut off', words)
    }
    if (!node && element.scrollHeight > element.clientHeight + 2 && element.tagName === 'TEXTAREA') say(20, 'cut field', words)
  }

  function sideways() {
    if (document.documentElement.scrollWidth > viewport + 1) say(20, 'the page scrolls sideways', document.documentElement.scrollWidth)
  }

  /** Words of up to four characters stay together on what is pressed and in titles, the menus' names everywhere. */
  function broken({ node, element, words }) {
    if (!node) return
    for (const menu of MENUS) {
      for (let at = words.indexOf(menu); at >= 0; at = words.indexOf(menu, at + 1)) {
        if (lines(node, at, at + menu.length) > 1) say(20, 'a word is broken', words)
      }
    }
    if (!element.closest(`${PRESSABLE},.h1,.h2,${HEAD}`)) return
    if (element.closest('.hint,.body:not(.strong)')) return // running text beside the name
    for (const found of words.matchAll(/[\u4e00-\u9fff]+/g)) {
      const [word, at] = [found[0], found.index]
      if (word.length <= 4 && lines(node, at, at + word.length) > 1) say(20, `${word} is broken`, words)
    }
  }

  function overlapping(all) {
    /** What lies fixed over the page, a dialog or a large photo, hides what is below: that is no overlap. */
    const layer = (element) => {
      for (let outer = element; outer && outer !== document.body; outer = outer.parentElement) {
        if (style(outer).position === 'fixed') return outer
      }
      return null
    }
    const boxes = all
      .filter(({ node, element }) => node && !element.closest('[aria-hidden=true]'))
      .flatMap(({ node, element, words }) => rectsOf(node).map((box) => ({ box, element, words, layer: layer(element) })))
    boxes.forEach((one, place) => {
      for (const other of boxes.slice(place + 1)) {
        if (one.element === other.element || one.layer !== other.layer) continue
        const across = Math.min(one.box.right, other.box.right) - Math.max(one.box.left, other.box.left)
        const down = Math.min(one.box.bottom, other.box.bottom) - Math.max(one.box.top, other.box.top)
        if (across > 2 && down > Math.min(one.box.height, other.box.height) * 0.3) say(20, 'lies over other text', `${one.words} | ${other.words}`)
      }
    })
  }

  const all = [...texts()]
  for (const each of all) {
    type(each)
    cut(each)
    broken(each)
  }
  paragraphs()
  targets()
  states()
  dialogs()
  sideways()
  overlapping(all)
  return [...faults]
}

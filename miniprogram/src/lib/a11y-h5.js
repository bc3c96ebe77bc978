// What uni-app's H5 elements lack for keyboards and screen readers, mended as they appear (client.md, pitfall 3):
// names on inner inputs and images, focus and Enter/Space on everything that has a role to press.

const PRESSABLE = '[role="button"],[role="link"],[role="radio"],[role="checkbox"],[role="tab"],[role="switch"]'

export function installA11y() {
  const begin = () => {
    mend(document.body)
    new MutationObserver(heard).observe(document.body, {
      childList: true,
      subtree: true,
      attributes: true,
      attributeFilter: ['role', 'aria-label', 'aria-disabled'],
    })
    document.addEventListener('keydown', pressed)
  }
  if (document.body) begin()
  else document.addEventListener('DOMContentLoaded', begin)
}

function heard(changes) {
  for (const change of changes) {
    if (change.type === 'attributes') mend(change.target.parentElement || change.target)
    for (const node of change.addedNodes) if (node.nodeType === 1) mend(node.closest('uni-image') || node)
  }
}

function mend(root) {
  for (const element of within(root, PRESSABLE)) {
    if (!element.hasAttribute('tabindex')) give(element, { tabindex: '0' })
  }
  for (const wrapper of within(root, 'uni-input[aria-label],uni-textarea[aria-label]')) moveLabel(wrapper)
  for (const image of within(root, 'uni-image')) nameImage(image)
  for (const bar of within(root, 'uni-page-head')) give(bar, { role: 'banner' })
  for (const head of within(root, '.uni-page-head__title')) give(head, { role: 'heading', 'aria-level': '1' })
  for (const button of within(root, '.uni-page-head-btn')) nameBackButton(button)
}

function moveLabel(wrapper) {
  const field = wrapper.querySelector('input,textarea')
  if (!field) return
  field.setAttribute('aria-label', wrapper.getAttribute('aria-label'))
  if (wrapper.hasAttribute('aria-invalid')) field.setAttribute('aria-invalid', wrapper.getAttribute('aria-invalid'))
  wrapper.removeAttribute('aria-label')
}

function nameImage(image) {
  const inner = image.querySelector('img')
  const label = image.getAttribute('aria-label') || ''
  if (inner) give(inner, { alt: label })
  if (image.hasAttribute('aria-label') && !image.hasAttribute('role')) give(image, { role: 'img' })
}

function nameBackButton(button) {
  give(button, { role: 'button', 'aria-label': '返回', tabindex: '0' })
}

/** Only what is not there yet: a value written again would be heard as a change, for ever. */
function give(element, attributes) {
  for (const [name, value] of Object.entries(attributes)) {
    if (element.getAttribute(name) !== value) element.setAttribute(name, value)
  }
}

function within(root, selector) {
  const found = [...root.querySelectorAll(selector)]
  return root.matches(selector) ? [root, ...found] : found
}

function pressed(event) {
  if (event.key !== 'Enter' && event.key !== ' ') return
  const target = event.target
  if (!target.matches || !target.matches(`${PRESSABLE},.uni-page-head-btn`) || target.matches('input,textarea,button')) return
  event.preventDefault()
  target.click()
}

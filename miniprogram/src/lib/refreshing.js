// A page that keeps itself up to date while somebody looks at it, and asks nobody while nobody does.

import { onHide, onShow, onUnload } from '@dcloudio/uni-app'

/** Call `work` when the page appears and every `everyMs` while it is visible. Use it in a page's setup. */
export function whileVisible(work, everyMs) {
  let timer = null
  const stop = () => clearInterval(timer)
  onShow(() => {
    stop()
    work()
    timer = setInterval(work, everyMs)
  })
  onHide(stop)
  onUnload(stop)
}

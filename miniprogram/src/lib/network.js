/**
 * The moment when the network is back. uni asks the browser's `navigator.connection`, which many browsers leave silent
 * when a network returns; their `online` is heard too, or what waits would be sent a quarter of a minute later.
 */

/** Call `work` whenever the network is back; returns how to stop. */
export function onNetworkBack(work) {
  const back = () => work()
  const changed = (now) => now.isConnected && back()
  uni.onNetworkStatusChange(changed)
  // #ifdef H5
  window.addEventListener('online', back)
  // #endif
  return () => {
    uni.offNetworkStatusChange(changed)
    // #ifdef H5
    window.removeEventListener('online', back)
    // #endif
  }
}

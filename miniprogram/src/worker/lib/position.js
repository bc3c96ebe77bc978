// Where the phone is, asked only when the worker taps for it (personal data: nothing is followed in between).

import { toGcj02 } from './gcj02.js'

/** No position; `message` says what else the worker can do. */
export class NoPosition extends Error {}

const DENIED = '没有取得位置。请允许使用定位,或者改扫点位码;都不行也能签到,会记为“定位异常”'

/** Resolves with { latitude, longitude, accuracyM } in GCJ-02; rejects with NoPosition. */
export function findPosition() {
  return new Promise((resolve, reject) => {
    uni.getLocation({
      // #ifdef MP-WEIXIN
      type: 'gcj02',
      isHighAccuracy: true,
      // #endif
      // #ifndef MP-WEIXIN
      type: 'wgs84',
      // #endif
      success: (found) => resolve(told(found)),
      fail: () => reject(new NoPosition(DENIED)),
    })
  })
}

function told({ latitude, longitude, accuracy }) {
  let here = [latitude, longitude]
  // #ifndef MP-WEIXIN
  here = toGcj02(latitude, longitude)
  // #endif
  return { latitude: rounded(here[0]), longitude: rounded(here[1]), accuracyM: Math.round(accuracy || 0) }
}

/** Six digits are a hand's breadth; more would only look exact. */
function rounded(degrees) {
  return Math.round(degrees * 1e6) / 1e6
}

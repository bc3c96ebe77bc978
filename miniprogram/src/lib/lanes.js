// Everything that is done to one order waits in one lane of the outbox, so that its steps keep their order.

export function laneOf(orderId) {
  return `order:${orderId}`
}

/** The same for one 随手拍. */
export function snapLane(snapId) {
  return `snap:${snapId}`
}

/** The same for one payment, and for one bill. */
export function paymentLane(paymentId) {
  return `payment:${paymentId}`
}

export function billLane(billId) {
  return `bill:${billId}`
}

/** The order of a lane, null for other lanes. */
export function orderOf(lane) {
  const found = /^order:(\d+)$/.exec(lane)
  return found ? Number(found[1]) : null
}

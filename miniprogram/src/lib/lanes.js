// Everything that is done to one order waits in one lane of the outbox, so that its steps keep their order.

export function laneOf(orderId) {
  return `order:${orderId}`
}

/** The order of a lane, null for other lanes. */
export function orderOf(lane) {
  const found = /^order:(\d+)$/.exec(lane)
  return found ? Number(found[1]) : null
}

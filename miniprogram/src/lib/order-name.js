// The name of an order on the pages that belong to it, at once from what this phone last saw of it.

import { kept } from './keeping'

/** 水龙头,3号楼2单元302; '' when this phone has never seen it. */
export function nameOf(id) {
  const order = kept(`seen.order.${id}`)?.order
  return order ? `${order.category},${order.place}` : ''
}

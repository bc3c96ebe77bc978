// What is due in each of the person's homes, from the server.

import { query } from '../../lib/api'

const PAGES_AT_MOST = 10

/** The homes of GET /bills/summary, each with its `bills`, the oldest first; raises Refusal and Offline. */
export async function dueHomes() {
  const { homes } = await query('/bills/summary')
  return Promise.all(homes.map(withBills))
}

async function withBills(home) {
  const bills = []
  let answer = null
  for (let page = 0; page < PAGES_AT_MOST && (!answer || answer.next_cursor); page += 1) {
    answer = await query('/bills', { home_id: home.home_id, state: 'due', cursor: answer?.next_cursor })
    bills.push(...answer.items)
  }
  return { ...home, bills: bills.reverse() }
}

// One step of a worker's day. It goes through the outbox: kept on the phone first, sent in order, done once.

import { laneOf } from '../../lib/lanes'
import { mend, send, waitingIn } from '../../lib/outbox'
import { LABELS, actionOf } from './next.js'

/**
 * Do a step of an order. `photos` are refs by the list that takes them ({ photo_ids: [...] }), `voice` a ref.
 * If the same step was refused before, this one takes its place. Resolves with { sent, answer }; rejects with Refusal
 * when the server said no at once.
 */
export function doStep(orderId, action, { body = {}, photos = {}, voice = '' } = {}) {
  const files = Object.entries(photos).flatMap(([into, refs]) => refs.map((ref) => ({ ref, into })))
  if (voice) files.push({ ref: voice, into: 'voice_id=', path: '/voices', field: 'voice' })
  const lane = laneOf(orderId)
  const path = `/orders/${orderId}/${action.replace(/_/g, '-')}`
  const work = { title: LABELS[action], lane, path, body, files }
  const refused = waitingIn(lane).find((entry) => entry.state === 'refused' && actionOf(entry) === action)
  return refused ? mend(refused.id, work) : send(work)
}

// Photos and a recording as the outbox takes them along with a command.

/** `photos` are refs of lib/files, `voice` is { ref } or null. */
export function filesOf(photos, voice = null) {
  const files = photos.map((photo) => ({ ref: photo, into: 'photo_ids', path: '/photos', field: 'photo' }))
  if (voice) files.push({ ref: voice.ref, into: 'voice_id=', path: '/voices', field: 'voice' })
  return files
}

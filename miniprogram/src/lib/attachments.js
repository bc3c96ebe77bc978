// What goes along with a command: photos and a recording as the outbox wants them, and words that are never too few.

const WORDS_MIN = 4 // T1: four characters, or a photo, or a recording

/** Files of outbox.send: refs of photos into photo_ids, a recording { ref, ms } into voice_id. */
export function filesOf(photos, voice = null) {
  const files = photos.map((ref) => ({ ref, into: 'photo_ids' }))
  return voice ? [...files, { ref: voice.ref, into: 'voice_id=', path: '/voices', field: 'voice' }] : files
}

/** The words, or, where they say too little and nothing else says more, what was chosen in their place. */
export function wordsOf(text, category, wish, files) {
  const said = text.trim()
  if (files.length || said.length >= WORDS_MIN) return said
  return [`${category},${wish}`, said].filter(Boolean).join('。')
}

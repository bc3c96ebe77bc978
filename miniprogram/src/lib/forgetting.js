// A half-filled form that is given up takes its photos and its recording with it.

import { dropDraft } from './drafts'
import { dropFile } from './files'

/** `form` has photos (refs of lib/files) and voice ({ ref } or null). */
export async function forgetForm(name, form) {
  dropDraft(name)
  for (const ref of [...form.photos, ...(form.voice ? [form.voice.ref] : [])]) await dropFile(ref)
}

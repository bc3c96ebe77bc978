// A form of one step of one order: kept after every change, sent once, and filled again from a step that was refused.

import { reactive, watch } from 'vue'
import { draft, dropDraft, keepDraft } from '../../lib/drafts'
import { dropFile } from '../../lib/files'
import { outbox } from '../../lib/outbox'

/** In a page's setup: a reactive `form`; `begin(name)` in onLoad brings back what was kept, `drop()` ends it. */
export function useForm(empty) {
  const form = reactive(copy(empty))
  let name = ''
  watch(form, (values) => name && keepDraft(name, values), { deep: true })
  return {
    form,
    begin(draftName) {
      Object.assign(form, draft(draftName, copy(empty)))
      name = draftName
    },
    /** The step is in the outbox or done: its files belong to it now. */
    drop() {
      dropDraft(name)
      name = ''
    },
  }
}

function copy(values) {
  return JSON.parse(JSON.stringify(values))
}

/** Throw away the photos and recordings of a form that will not be sent from here any more. */
export async function dropFiles(refs) {
  for (const ref of refs) await dropFile(ref)
}

/** A refused step as a draft, to be mended; it keeps its place in the outbox until the mended one takes it. */
export function toDraft(entryId, name, toForm) {
  const entry = outbox.entries.find((each) => each.id === entryId)
  if (!entry) return
  const refs = (into) => entry.files.filter((file) => file.into === into).map((file) => file.ref)
  keepDraft(name, toForm(entry.body, refs))
}

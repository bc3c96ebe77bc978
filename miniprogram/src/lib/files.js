// Files that must outlive a closed app: photos and recordings that were not sent yet.
//
// A kept file is named by a `ref`, a text that can be stored. In WeChat it is a saved file of the mini-program; in a
// browser a blob in IndexedDB, because addresses of the kind blob: die with the page.

import { newKey } from './ids'

/** Keep a file that uni.chooseImage or the recorder gave; resolves with its ref. */
export function keepFile(path) {
  return save(path, newKey())
}

/** A path that uni.uploadFile and <image> understand, or null when the phone has lost the file. */
export function openFile(ref) {
  return open(ref)
}

export function dropFile(ref) {
  return remove(ref)
}

// #ifdef MP-WEIXIN
function save(path) {
  return new Promise((resolve) => {
    uni.getFileSystemManager().saveFile({
      tempFilePath: path,
      success: (found) => resolve(found.savedFilePath),
      fail: () => resolve(path), // no room: the temporary file lives as long as the app does
    })
  })
}

function open(ref) {
  return new Promise((resolve) => {
    uni.getFileSystemManager().access({ path: ref, success: () => resolve(ref), fail: () => resolve(null) })
  })
}

function remove(ref) {
  return new Promise((resolve) => {
    uni.getFileSystemManager().removeSavedFile({ filePath: ref, complete: () => resolve() })
  })
}
// #endif

// #ifdef H5
const addresses = new Map()

async function save(path, ref) {
  const blob = await (await fetch(path)).blob()
  await inStore('readwrite', (store) => store.put(blob, ref))
  return ref
}

async function open(ref) {
  if (addresses.has(ref)) return addresses.get(ref)
  const blob = await inStore('readonly', (store) => store.get(ref))
  if (!blob) return null
  const address = URL.createObjectURL(blob)
  addresses.set(ref, address)
  return address
}

async function remove(ref) {
  if (addresses.has(ref)) URL.revokeObjectURL(addresses.get(ref))
  addresses.delete(ref)
  await inStore('readwrite', (store) => store.delete(ref))
}

let opened = null

function database() {
  opened =
    opened ||
    new Promise((resolve, reject) => {
      const asked = indexedDB.open('anju', 1)
      asked.onupgradeneeded = () => asked.result.createObjectStore('files')
      asked.onsuccess = () => resolve(asked.result)
      asked.onerror = () => reject(asked.error)
    })
  return opened
}

async function inStore(mode, work) {
  const store = (await database()).transaction('files', mode).objectStore('files')
  const asked = work(store)
  return new Promise((resolve, reject) => {
    asked.onsuccess = () => resolve(asked.result)
    asked.onerror = () => reject(asked.error)
  })
}
// #endif

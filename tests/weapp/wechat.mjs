// WeChat for the built mini-program, as far as our client uses it: storage, files, network, login, navigation.
//
// Whatever the real one would send over the network goes to the real server and to the sandbox; nothing is answered
// from here. `device` is what a person holds: his name in the sandbox, the font size of his WeChat, the pictures that
// his camera will take, whether there is a network, and what he will tap in the pay sheet (`pays`: "ok" or "cancel").

import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { basename } from 'node:path'

const USER_FILES = 'http://usr'
const SIX = ['appId', 'timeStamp', 'nonceStr', 'package', 'signType', 'paySign']

/** Build the object `wx`. `open(kind, url)` turns a navigation into an open page. */
export function makeWx(device, open) {
  return {
    ...systemOf(device),
    ...storageOf(device),
    ...filesOf(device),
    ...networkOf(device),
    ...accountOf(device),
    ...purseOf(device),
    ...pagesOf(open),
    ...deedsOf(device),
  }
}

function systemOf(device) {
  const base = {
    SDKVersion: '3.8.0',
    version: '8.0.60',
    language: 'zh_CN',
    theme: 'light',
    platform: 'android',
    fontSizeSetting: 16 * device.fontFactor,
    fontSizeScaleFactor: device.fontFactor,
    windowWidth: 375,
    windowHeight: 667,
    screenWidth: 375,
    screenHeight: 667,
    pixelRatio: 2,
    statusBarHeight: 20,
    safeArea: { top: 20, left: 0, right: 375, bottom: 667, width: 375, height: 647 },
  }
  const all = () => ({ ...base })
  const launched = () => ({ path: 'pages/home/home', query: {}, scene: 1001, referrerInfo: {} })
  return {
    env: { USER_DATA_PATH: USER_FILES },
    canIUse: () => true,
    getSystemInfoSync: all,
    getAppBaseInfo: all,
    getDeviceInfo: all,
    getWindowInfo: all,
    getLaunchOptionsSync: launched,
    getEnterOptionsSync: launched,
    onAppShow() {},
    onAppHide() {},
    onError() {},
    nextTick: (work) => setTimeout(work, 0),
    setNavigationBarTitle: ({ title }) => (device.title = title),
    pageScrollTo() {},
  }
}

function storageOf(device) {
  return {
    getStorageSync: (key) => device.storage.get(key) ?? '',
    setStorageSync: (key, value) => void device.storage.set(key, value),
    removeStorageSync: (key) => void device.storage.delete(key),
    getStorageInfoSync: () => ({ keys: [...device.storage.keys()], currentSize: 1, limitSize: 10240 }),
  }
}

function filesOf(device) {
  const kept = new Map()
  const manager = {
    saveFile({ tempFilePath, success }) {
      const savedFilePath = `${USER_FILES}/${kept.size}-${basename(tempFilePath)}`
      kept.set(savedFilePath, tempFilePath)
      later(success, { savedFilePath })
    },
    access: ({ path, success, fail }) => later(kept.has(path) || device.camera.includes(path) ? success : fail, {}),
    removeSavedFile({ filePath, complete }) {
      kept.delete(filePath)
      later(complete, {})
    },
    writeFile: ({ success }) => later(success, {}),
  }
  device.fileAt = (path) => kept.get(path) ?? path
  return {
    getFileSystemManager: () => manager,
    chooseMedia({ count, success, fail }) {
      const taken = device.camera.slice(0, count)
      if (!taken.length) return later(fail, { errMsg: 'chooseMedia:fail cancel' })
      later(success, { tempFiles: taken.map((tempFilePath) => ({ tempFilePath, size: 1, fileType: 'image' })) })
    },
  }
}

function networkOf(device) {
  const listeners = new Set()
  device.downloaded = new Map()
  device.noticeNetwork = () => listeners.forEach((each) => each({ isConnected: device.online, networkType: 'wifi' }))
  return {
    onNetworkStatusChange: (listener) => listeners.add(listener),
    offNetworkStatusChange: (listener) => listeners.delete(listener),
    getNetworkType: ({ success }) => later(success, { networkType: device.online ? 'wifi' : 'none' }),
    request({ url, method = 'GET', data, header = {}, success, fail }) {
      const body = method === 'GET' ? undefined : data
      send(device, url, { method, body, headers: header }).then(
        async (answer) => success?.({ statusCode: answer.status, data: await opened(answer), header: {} }),
        (error) => fail?.({ errMsg: `request:fail ${error.message}` }),
      )
      return { abort() {} }
    },
    uploadFile({ url, filePath, name, header = {}, success, fail }) {
      const form = new FormData()
      const path = device.fileAt(filePath)
      form.append(name, new Blob([readFileSync(path)]), basename(path))
      send(device, url, { method: 'POST', body: form, headers: header }).then(
        async (answer) => success?.({ statusCode: answer.status, data: await answer.text() }),
        (error) => fail?.({ errMsg: `uploadFile:fail ${error.message}` }),
      )
      return { abort() {}, onProgressUpdate() {} }
    },
    downloadFile({ url, header = {}, success, fail }) {
      send(device, url, { method: 'GET', headers: header }).then(
        async (answer) => {
          const tempFilePath = `http://tmp/${device.downloaded.size}`
          device.downloaded.set(tempFilePath, Buffer.from(await answer.arrayBuffer()))
          success?.({ statusCode: answer.status, tempFilePath })
        },
        (error) => fail?.({ errMsg: `downloadFile:fail ${error.message}` }),
      )
      return { abort() {}, onProgressUpdate() {} }
    },
  }
}

async function send(device, url, request) {
  if (!device.online) throw new Error('no network')
  const address = url.startsWith('/') ? device.server + url : url
  if (!address.startsWith(device.server)) throw new Error(`${address} is not in the list of domains`)
  const answer = await fetch(address, request)
  device.asked.push({ method: request.method, path: address.slice(device.server.length), status: answer.status })
  return answer
}

async function opened(answer) {
  const text = await answer.text()
  try {
    return JSON.parse(text)
  } catch {
    return text
  }
}

function accountOf(device) {
  return {
    login({ success, fail }) {
      const address = `${device.sandbox}/sandbox/users/${encodeURIComponent(device.person)}/code`
      fetch(address, { method: 'POST' }).then(
        async (answer) => success?.(await answer.json()),
        (error) => fail?.({ errMsg: `login:fail ${error.message}` }),
      )
    },
    checkSession: ({ success }) => later(success, {}),
    requestSubscribeMessage({ tmplIds, complete }) {
      device.consents.push(tmplIds)
      later(complete, {})
    },
  }
}

/** The pay sheet: the sandbox checks signature, payer and order, and what the person taps decides. */
function purseOf(device) {
  return {
    requestPayment({ success, fail, ...asked }) {
      const params = Object.fromEntries(SIX.map((name) => [name, asked[name]]))
      const body = JSON.stringify({ params, name: device.person, outcome: device.pays || 'ok' })
      device.deeds.push({ name: 'requestPayment', params })
      fetch(`${device.sandbox}/control/pay`, { method: 'POST', headers: { 'Content-Type': 'application/json' }, body }).then(
        async (answer) => {
          const { errMsg, error } = await answer.json()
          if (errMsg === 'requestPayment:ok') success?.({ errMsg })
          else fail?.({ errMsg: errMsg || `requestPayment:fail ${error}` })
        },
        (error) => fail?.({ errMsg: `requestPayment:fail ${error.message}` }),
      )
    },
    openDocument({ filePath, fileType, success, fail }) {
      const content = device.downloaded.get(filePath)
      const begins = content?.subarray(0, 5).toString('latin1')
      const digest = content && createHash('sha256').update(content).digest('hex')
      device.deeds.push({ name: 'openDocument', fileType, begins, digest })
      later(content ? success : fail, {})
    },
  }
}

function pagesOf(open) {
  const one = (kind) => (asked) => open(kind, asked)
  return {
    navigateTo: one('navigateTo'),
    redirectTo: one('redirectTo'),
    reLaunch: one('reLaunch'),
    navigateBack: one('navigateBack'),
  }
}

/** What leaves the phone: noted, because nobody is called in a test. */
function deedsOf(device) {
  const note = (name) => (asked = {}) => {
    device.deeds.push({ name, ...asked })
    later(asked.success, {})
  }
  return {
    makePhoneCall: note('makePhoneCall'),
    openLocation: note('openLocation'),
    setClipboardData: note('setClipboardData'),
    shareFileMessage: note('shareFileMessage'),
    scanCode: ({ success, fail }) => later(device.sign ? success : fail, { result: device.sign }),
    getLocation: ({ success, fail }) => later(device.position ? success : fail, { ...device.position }),
    getRecorderManager: () => ({ onStart() {}, onStop() {}, onError() {}, start() {}, stop() {} }),
    createInnerAudioContext: () => ({
      play() {},
      pause() {},
      stop() {},
      destroy() {},
      onPlay() {},
      onEnded() {},
      onStop() {},
      onPause() {},
      onError() {},
      offEnded() {},
      offError() {},
    }),
  }
}

function later(work, found) {
  if (work) setTimeout(() => work(found), 0)
}

// Speaking instead of typing: one recording at a time, at most a minute, as WAV (POST /voices).
//
// The flow is the same on both platforms: `begin(ended)` opens the microphone, `end()` closes it, and `ended` is called
// once with { path, ms }, or with null when nothing usable was recorded. A full minute ends by itself.

import { reactive } from 'vue'
import { RATE, lengthOf, wavOf } from './wav'

export const LONGEST_MS = 60000
export const SHORTEST_MS = 500
const TICK_MS = 200

/** `able`: this phone can record; `going`: it does now, for `ms` milliseconds. */
export const recorder = reactive({ able: false, going: false, ms: 0 })

/** The person or the phone does not let us hear; `message` says what he can do. */
export class NoMicrophone extends Error {}

let begunAt = 0
let timer = null

function going() {
  begunAt = Date.now()
  Object.assign(recorder, { going: true, ms: 0 })
  timer = setInterval(() => {
    recorder.ms = Math.min(Date.now() - begunAt, LONGEST_MS)
    if (recorder.ms >= LONGEST_MS) end()
  }, TICK_MS)
}

function stopped() {
  clearInterval(timer)
  recorder.going = false
}

// #ifdef MP-WEIXIN
const DENIED = '请在右上角“…”的设置里打开麦克风,也可以用手写几个字'
let manager = null
let hear = null

/** Look whether there is a microphone; WeChat asks for the permission itself. */
export function findMicrophone() {
  recorder.able = Boolean(uni.getRecorderManager)
}

/** Start recording. Raises NoMicrophone. */
export function begin(ended) {
  if (!manager) listen()
  return new Promise((resolve, reject) => {
    hear = { ended, started: resolve, failed: () => reject(new NoMicrophone(DENIED)) }
    manager.start({ format: 'wav', sampleRate: RATE, numberOfChannels: 1, duration: LONGEST_MS })
  })
}

function listen() {
  manager = uni.getRecorderManager()
  manager.onStart(() => {
    going()
    hear?.started()
  })
  manager.onStop((found) => {
    stopped()
    const ms = found.duration || recorder.ms
    hear?.ended(ms >= SHORTEST_MS ? { path: found.tempFilePath, ms: Math.round(ms) } : null)
    hear = null
  })
  manager.onError(() => {
    const last = hear
    const began = recorder.going
    hear = null
    stopped()
    if (began) last?.ended(null)
    else last?.failed()
  })
}

/** Stop; `ended` hears of it. */
export function end() {
  if (recorder.going) manager.stop()
}
// #endif

// #ifdef H5
const DENIED = '没有打开麦克风,请在浏览器的设置里允许,也可以用手写几个字'
const BUFFER = 4096
let now = null

/** Look whether there is a microphone; without one, or on a page without https, `able` stays false. */
export async function findMicrophone() {
  const devices = navigator.mediaDevices
  if (!devices?.getUserMedia || !(window.AudioContext || window.webkitAudioContext)) return
  const known = await devices.enumerateDevices().catch(() => [])
  recorder.able = known.some((device) => device.kind === 'audioinput')
}

/** Start recording. Raises NoMicrophone. */
export async function begin(ended) {
  let stream
  try {
    stream = await navigator.mediaDevices.getUserMedia({ audio: { channelCount: 1, noiseSuppression: true } })
  } catch {
    throw new NoMicrophone(DENIED)
  }
  // A worklet would need a script of its own; this older node is in every browser and works under a strict CSP.
  const context = new (window.AudioContext || window.webkitAudioContext)()
  const ear = context.createScriptProcessor(BUFFER, 1, 1)
  now = { ended, stream, context, ear, pieces: [] }
  ear.onaudioprocess = (event) => now?.pieces.push(new Float32Array(event.inputBuffer.getChannelData(0)))
  context.createMediaStreamSource(stream).connect(ear)
  ear.connect(context.destination)
  await context.resume()
  going()
}

/** Stop; `ended` hears of it. */
export function end() {
  if (!now) return
  const { ended, stream, context, ear, pieces } = now
  now = null
  stopped()
  ear.disconnect()
  for (const track of stream.getTracks()) track.stop()
  const file = wavOf(pieces, context.sampleRate, LONGEST_MS)
  context.close()
  const ms = lengthOf(file)
  ended(ms >= SHORTEST_MS ? { path: URL.createObjectURL(new Blob([file], { type: 'audio/wav' })), ms } : null)
}
// #endif

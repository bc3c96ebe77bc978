// Sound as a WAV file: 16 kHz, one channel, 16 bits, the one form that WeChat's recorder and a browser have in common.

export const RATE = 16000
const HEADER_BYTES = 44

/** A WAV file (ArrayBuffer) of samples between -1 and 1 at `rate` Hz, given in pieces; cut at `longestMs`. */
export function wavOf(pieces, rate, longestMs) {
  const samples = thinned(joined(pieces), rate).subarray(0, Math.floor((RATE * longestMs) / 1000))
  const file = new DataView(new ArrayBuffer(HEADER_BYTES + samples.length * 2))
  writeHeader(file, samples.length * 2)
  samples.forEach((sample, index) => {
    const bounded = Math.max(-1, Math.min(1, sample))
    file.setInt16(HEADER_BYTES + index * 2, bounded * (bounded < 0 ? 0x8000 : 0x7fff), true)
  })
  return file.buffer
}

/** Milliseconds of such a file. */
export function lengthOf(file) {
  return Math.round(((file.byteLength - HEADER_BYTES) / 2 / RATE) * 1000)
}

function joined(pieces) {
  const all = new Float32Array(pieces.reduce((sum, piece) => sum + piece.length, 0))
  let at = 0
  for (const piece of pieces) {
    all.set(piece, at)
    at += piece.length
  }
  return all
}

/** Fewer samples in a second, each the mean of those it stands for, so that high tones do not fold into speech. */
function thinned(samples, rate) {
  if (rate === RATE) return samples
  const step = rate / RATE
  const fewer = new Float32Array(Math.floor(samples.length / step))
  for (let index = 0; index < fewer.length; index += 1) {
    const from = Math.floor(index * step)
    const to = Math.max(from + 1, Math.min(samples.length, Math.floor((index + 1) * step)))
    let sum = 0
    for (let each = from; each < to; each += 1) sum += samples[each]
    fewer[index] = sum / (to - from)
  }
  return fewer
}

function writeHeader(file, bytes) {
  const words = (at, text) => [...text].forEach((letter, index) => file.setUint8(at + index, letter.charCodeAt(0)))
  words(0, 'RIFF')
  file.setUint32(4, 36 + bytes, true)
  words(8, 'WAVEfmt ')
  file.setUint32(16, 16, true)
  file.setUint16(20, 1, true) // plain samples
  file.setUint16(22, 1, true) // one channel
  file.setUint32(24, RATE, true)
  file.setUint32(28, RATE * 2, true)
  file.setUint16(32, 2, true)
  file.setUint16(34, 16, true)
  words(36, 'data')
  file.setUint32(40, bytes, true)
}

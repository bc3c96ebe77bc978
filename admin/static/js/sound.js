// The bell: drawn with WebAudio, one melody per kind of order, so that the desk hears what it is without looking.

const MELODIES = {
  APT: [[659, 0, 0.16], [784, 0.18, 0.22]],
  PUB: [[880, 0, 0.14], [880, 0.2, 0.14]],
  EMG: [[988, 0, 0.12], [1319, 0.15, 0.12], [988, 0.3, 0.12], [1319, 0.45, 0.2]],
  P0: [[1480, 0, 0.2], [1047, 0.22, 0.2], [1480, 0.44, 0.2], [1047, 0.66, 0.2], [1480, 0.88, 0.3]],
};
let context = null;

function ready() {
  context ??= new AudioContext();
  return context;
}

export const isBlocked = () => ready().state !== 'running';

// Never wait for resume(): until somebody touches the page a browser leaves it unanswered.
export function unblock() { ready().resume(); }

export function ring(kind) {
  const audio = ready();
  if (audio.state !== 'running') return false;
  for (const [frequency, begins, lasts] of MELODIES[kind] || MELODIES.PUB) {
    const tone = audio.createOscillator();
    const volume = audio.createGain();
    const at = audio.currentTime + begins;
    tone.type = kind === 'P0' || kind === 'EMG' ? 'square' : 'sine';
    tone.frequency.value = frequency;
    volume.gain.setValueAtTime(0.0001, at);
    volume.gain.exponentialRampToValueAtTime(tone.type === 'square' ? 0.12 : 0.3, at + 0.02);
    volume.gain.exponentialRampToValueAtTime(0.0001, at + lasts);
    tone.connect(volume).connect(audio.destination);
    tone.start(at);
    tone.stop(at + lasts + 0.02);
  }
  return true;
}

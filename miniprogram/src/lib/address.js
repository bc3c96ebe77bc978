// Where the server is. On H5 the client is served by it; in WeChat the address is built in (VITE_API_BASE, https).

export const ORIGIN = (import.meta.env.VITE_API_BASE || '').replace(/\/$/, '')
export const API = `${ORIGIN}/api/v1`

/** The whole address of a path that the server gave, such as a signed link to a photo. */
export function address(path) {
  return path && path.startsWith('/') ? `${ORIGIN || here()}${path}` : path
}

/** uni-app takes /media/7 on H5 for a file of the client (/m/media/7) unless the address is a whole one. */
function here() {
  const origin = typeof window === 'undefined' || !window.location ? '' : window.location.origin
  return origin.startsWith('http') ? origin : ''
}

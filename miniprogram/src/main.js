import { createSSRApp } from 'vue'
import App from './App.vue'
// #ifdef H5
import { installA11y } from './lib/a11y-h5'
import { keepForNextTime } from './lib/keeping-h5'
installA11y()
keepForNextTime()
// #endif

export function createApp() {
  const app = createSSRApp(App)
  return { app }
}

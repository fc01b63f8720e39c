import '@fontsource-variable/inter/wght.css'
import '@fontsource-variable/noto-sans-sc/wght.css'
import './base.css'
import { createApp } from 'vue'
import App from './App.vue'
import { applyTheme } from './apply-theme.ts'
import { followScale } from './use-scale.ts'
import { i18n } from '../i18n/i18n.ts'

applyTheme(document.documentElement)
followScale()
createApp(App).use(i18n).mount('#app')

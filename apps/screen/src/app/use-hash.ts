import { shallowRef, type ShallowRef } from 'vue'

const hash = shallowRef(typeof location === 'undefined' ? '' : location.hash)
if (typeof window !== 'undefined') window.addEventListener('hashchange', () => (hash.value = location.hash))

/** The part of the address after `#`: what is open can be sent to a colleague, and the browser's own back key works. */
export const useHash = (): Readonly<ShallowRef<string>> => hash

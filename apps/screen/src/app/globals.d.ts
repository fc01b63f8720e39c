/** Replaced by the bundler: where Cesium finds its own files. */
declare const CESIUM_BASE_URL: string

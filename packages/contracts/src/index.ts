/** Schemas and types of everything on a wire: topics, payloads, frames, live events, REST. Words as in the domain. */
export * from './frame.ts'
export * from './live.ts'
export * from './payloads.ts'
export * from './registry-import.ts'
export * from './rest.ts'
export * from './run-file.ts'
export * from './topics.ts'

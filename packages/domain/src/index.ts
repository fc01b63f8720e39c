/**
 * The rules of the field, as pure functions and data: no I/O, no clock, no randomness.
 *
 * Words: a **grid** 网格 is a polygon in a tree of any depth. A **keeper** 网格员 is a person on a post in a grid. An **asset** 部件
 * is a thing with a place; its **kind** 类别 says what it measures. A **device** 设备 is the speaker behind an asset. A **reading** 读数
 * is one message of one asset at one device time; a **fix** 定位点 one position of a keeper. An **alarm** 告警 is a rule that holds for
 * an asset, from raised to cleared. The **twin** 孪生体 is the state of everything at one instant, a **frame** 帧 the change between two.
 */
export * from './alarms/judge-reading.ts'
export * from './asset-state.ts'
export * from './device-time.ts'
export * from './geo/geometry.ts'
export * from './kinds/index.ts'
export * from './kinds/kind.ts'
export * from './quality.ts'

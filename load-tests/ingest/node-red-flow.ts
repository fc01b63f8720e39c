import { createRequire } from 'node:module'
import { headColumns, tailColumns } from '@gridkeeper/store'
import { meter, table } from './district.ts'

/** What the same job looks like in Node-RED: MQTT in (QoS 1) → a function that parses and inserts, one statement a message. */
const columns = [...headColumns, ...meter.metrics.map(({ key }) => key), ...tailColumns]
const values = columns.map((name, index) =>
  name === 'time' || name === 'received_at'
    ? `to_timestamp($${index + 1}::double precision / 1000)`
    : `$${index + 1}`,
)
const insert = `insert into ${table} (${columns.join(', ')}) values (${values.join(', ')}) on conflict do nothing`

const begin = (databaseUrl: string) => `
const { Pool } = global.get('pg');
context.set('pool', new Pool({ connectionString: ${JSON.stringify(databaseUrl)} }));
context.set('count', 0);`

const work = `
const { t, v } = JSON.parse(msg.payload);
const asset = Number(msg.topic.split('/')[2].split('-')[1]);
const id = context.get('count') + 1;
context.set('count', id);
context.get('pool').query({
  name: 'insert',
  text: ${JSON.stringify(insert)},
  values: [asset, t, id, Date.now(), ${meter.metrics.map(({ key }) => `v.${key}`).join(', ')}, 0, null, null],
}).then(() => node.done(), (error) => node.error(error, msg));
return null;`

export const makeFlow = (brokerPort: number, databaseUrl: string) => [
  { id: 'tab', type: 'tab', label: 'bench' },
  {
    id: 'broker',
    type: 'mqtt-broker',
    broker: '127.0.0.1',
    port: String(brokerPort),
    clientid: 'node-red',
    autoConnect: true,
    protocolVersion: '4',
    keepalive: '60',
    cleansession: true,
  },
  {
    id: 'in',
    type: 'mqtt in',
    z: 'tab',
    topic: 'gk/v1/+/readings',
    qos: '1',
    datatype: 'utf8',
    broker: 'broker',
    inputs: 0,
    x: 100,
    y: 100,
    wires: [['insert']],
  },
  {
    id: 'insert',
    type: 'function',
    z: 'tab',
    func: work,
    outputs: 1,
    initialize: begin(databaseUrl),
    libs: [],
    x: 300,
    y: 100,
    wires: [[]],
  },
]

/** The function node gets our own driver, of the same version. */
export const makeSettings = (port: number) => `module.exports = {
  uiPort: ${port}, uiHost: '127.0.0.1', flowFile: 'flows.json', httpAdminRoot: false,
  functionGlobalContext: { pg: require(${JSON.stringify(createRequire(import.meta.url).resolve('pg'))}) },
  logging: { console: { level: 'info', metrics: false, audit: false } },
}\n`

/** A child process of the bench: speaks for a share of the devices over some raw connections. Told what to do, and asked, over IPC. */
import { makeTemplate } from './packet-template.ts'
import { PublishingConnection } from './publishing-connection.ts'
import type { PublisherAnswer, PublisherCommand, PublishOrders } from './publish-orders.ts'

let connections: PublishingConnection[] = []
let allowed = 0
let turn = 0
let sent = 0

const tell = (answer: PublisherAnswer) => process.send?.(answer)
const sum = (figure: (connection: PublishingConnection) => number) =>
  connections.reduce((total, connection) => total + figure(connection), 0)
const acknowledged = () => sum((connection) => connection.acknowledged)

function nextTurn(): number | null {
  if (sent >= allowed) return null
  sent++
  return turn++
}

async function start(orders: PublishOrders): Promise<void> {
  turn = orders.firstTurn
  if (!orders.isPaced) allowed = Infinity
  const shares = Array.from({ length: orders.connections }, (): number[] => [])
  for (let asset = orders.fromAsset; asset <= orders.toAsset; asset++)
    shares[asset % shares.length]?.push(asset)
  const opened = await Promise.all(
    shares.map((assets, index) =>
      PublishingConnection.open(
        {
          port: orders.port,
          clientId: `bench-${orders.firstTurn}-${index}`,
          login: orders.login,
          templates: assets.map(makeTemplate),
          window: orders.window,
          nextTurn,
        },
        (error) => tell({ type: 'broken', message: error.message }),
      ),
    ),
  )
  connections = opened
  tell({ type: 'connected' })
  sendAll()
}

const sendAll = () => connections.forEach((connection) => connection.send())

function stop(): void {
  for (const connection of connections) connection.isStopped = true
  const waiting = setInterval(() => {
    if (sum((connection) => connection.onTheWay) > 0) return
    clearInterval(waiting)
    tell({ type: 'drained', sent: sum((connection) => connection.sent), acknowledged: acknowledged() })
    for (const connection of connections) connection.close()
    process.disconnect()
  }, 10)
}

process.on('message', (command: PublisherCommand) => {
  if (command.type === 'start')
    start(command.orders).catch((error: unknown) => tell({ type: 'broken', message: String(error) }))
  if (command.type === 'count')
    tell({ type: 'counted', acknowledged: acknowledged(), atMs: performance.timeOrigin + performance.now() })
  if (command.type === 'stop') stop()
  if (command.type === 'allow') {
    allowed = command.messages
    sendAll()
  }
})

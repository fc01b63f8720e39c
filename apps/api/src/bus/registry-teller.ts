import type { TwinService } from '../twin/twin.service.ts'
import type { BusClient } from './bus-client.ts'

/**
 * Tells the gateways that devices changed, after the commit. The catalogue, in which devices do not stand, stays as it is: other apis see the version they know
 * and do nothing. A word that is lost costs two seconds: gateways look at `device_version` as well.
 */
export class RegistryTeller {
  constructor(
    private readonly bus: BusClient,
    private readonly twins: TwinService,
  ) {}

  tell(): void {
    this.bus.publishRegistry(this.twins.twin.catalogue.version)
  }
}

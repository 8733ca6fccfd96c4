/** From where the server may be called. */
import { clientAddress } from "./client-address.ts";
import type { Handler } from "./environment.ts";
import { headerValues } from "./header-values.ts";
import { holds } from "./networks.ts";
import { refuse } from "./refusal.ts";

/** Sets `address`, and refuses the request where that lies in none of the allowed networks. */
export function network(): Handler {
  return async (context, next) => {
    const { networks, trustedProxies } = context.var.access;
    const { incoming } = context.env;
    const forwarded = headerValues(incoming, "x-forwarded-for");
    const address = clientAddress(incoming.socket.remoteAddress, forwarded, trustedProxies);
    // There is none once the client is gone.
    if (address === undefined) return refuse(context, "NETWORK_REFUSED");
    context.set("address", address);
    if (networks !== undefined && !holds(networks, address)) {
      return refuse(context, "NETWORK_REFUSED");
    }
    await next();
  };
}

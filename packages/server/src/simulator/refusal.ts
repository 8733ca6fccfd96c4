/** How the simulated Proxmox says no. */

export interface RefusalDetail {
  /** What is wrong with each parameter, by its name. */
  readonly errors?: Readonly<Record<string, string>>;
  /** Said by the front end and not by the API: no JSON, and for 401 no body at all. */
  readonly bare?: boolean;
}

/** An answer other than success, in Proxmox's own words. The first line is the reason phrase. */
export class Refusal extends Error {
  override readonly name = "Refusal";
  readonly status: number;
  readonly detail: RefusalDetail;

  constructor(status: number, message: string, detail: RefusalDetail = {}) {
    super(message);
    this.status = status;
    this.detail = detail;
  }
}

/** 400: Proxmox names every parameter that it does not take. */
export function invalid(errors: Readonly<Record<string, string>>): Refusal {
  return new Refusal(400, "Parameter verification failed.\n", { errors });
}

/** 403, with the path and the privilege that is missing there. */
export function forbidden(what: string): Refusal {
  return new Refusal(403, `Permission check failed (${what})\n`);
}

/** 500: the errors of Proxmox's own domain. */
export function failed(message: string): Refusal {
  return new Refusal(500, `${message}\n`);
}

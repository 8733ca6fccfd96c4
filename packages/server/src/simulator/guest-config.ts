/** The config of a guest as the API gives it. */
import type { Guest } from "./state.ts";

/** What the config holds, with what every guest of its kind has. */
export function configOf(guest: Guest): Readonly<Record<string, unknown>> {
  const { kind, template, tags, cores, config } = guest;
  return {
    digest: digestOf(guest),
    ...(kind === "qemu" ? ofVm(guest) : ofContainer(guest)),
    cores,
    onboot: 1,
    ...(template ? { template: 1 } : {}),
    ...(tags === undefined ? {} : { tags }),
    ...config,
  };
}

/** Changes with the config, so that two writers notice each other. */
export function digestOf({ vmid }: Guest): string {
  return vmid.toString(16).padStart(40, "0");
}

function ofVm({ vmid, name, memory, agent }: Guest): object {
  return {
    ...(name === undefined ? {} : { name }),
    memory: String(memory / 1024 ** 2),
    sockets: 1,
    ...(agent === "none" ? {} : { agent: "1" }),
    ostype: "l26",
    cpu: "x86-64-v2-AES",
    boot: "order=scsi0",
    scsihw: "virtio-scsi-single",
    scsi0: `local-lvm:vm-${vmid}-disk-0,iothread=1,size=32G`,
    net0: `virtio=${macAddress(vmid)},bridge=vmbr0,firewall=1`,
  };
}

function ofContainer({ vmid, name, memory }: Guest): object {
  return {
    ...(name === undefined ? {} : { hostname: name }),
    memory: memory / 1024 ** 2,
    swap: 512,
    arch: "amd64",
    ostype: "debian",
    rootfs: `local-lvm:vm-${vmid}-disk-0,size=8G`,
    net0: `name=eth0,bridge=vmbr0,firewall=1,hwaddr=${macAddress(vmid)},ip=dhcp,type=veth`,
    unprivileged: 1,
  };
}

function macAddress(vmid: number): string {
  const bytes = [16, 8, 0].map((shift) => ((vmid >> shift) & 0xff).toString(16).padStart(2, "0"));
  return ["BC", "24", "11", ...bytes].join(":").toUpperCase();
}

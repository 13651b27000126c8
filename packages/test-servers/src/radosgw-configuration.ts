/** The folder and the ports of a cluster. */
export interface Cluster {
  readonly folder: string;
  readonly fsid: string;
  readonly monitorPort: number;
  readonly port: number;
}

/** Returns the ceph.conf of a cluster with one monitor, one disk in memory, and one gateway, all on 127.0.0.1. */
export function cephConfiguration({ folder, fsid, monitorPort, port }: Cluster): string {
  // Without cephx the gateway fails with -13. A gateway has more pools than a single disk allows by default.
  return `[global]
fsid = ${fsid}
mon initial members = a
mon host = [v2:127.0.0.1:${monitorPort}]
ms bind msgr1 = false
public addr = 127.0.0.1
cluster addr = 127.0.0.1
auth cluster required = cephx
auth service required = cephx
auth client required = cephx
keyring = ${folder}/keyring
mon data = ${folder}/mon
osd data = ${folder}/osd
run dir = ${folder}
admin socket =
pid file =
log file =
mon cluster log file =
err to stderr = true
osd objectstore = memstore
memstore device bytes = 4294967296
osd crush chooseleaf type = 0
osd pool default size = 1
osd pool default min size = 1
osd pool default pg num = 1
osd pool default pgp num = 1
osd pool default pg autoscale mode = off
mon allow pool size one = true
mon max pg per osd = 10000
rgw frontends = beast endpoint=127.0.0.1:${port}
rgw data = ${folder}/rgw
`;
}

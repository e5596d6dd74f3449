/** Turns port 0 into a free port once, so that a service that is restarted listens where it did before. */
import { createSocket } from "node:dgram";
import { once } from "node:events";
import { type AddressInfo, createServer } from "node:net";
import type { RunOptions } from "./options.ts";

/** Replaces every port 0 by a port that is free now; the others stay. */
export async function resolvePorts(options: RunOptions): Promise<RunOptions> {
  const { host, webPort, mqttPort, srtPort } = options;
  return {
    ...options,
    webPort: webPort === 0 ? await freeTcpPort(host) : webPort,
    mqttPort: mqttPort === 0 ? await freeTcpPort("127.0.0.1") : mqttPort,
    srtPort: srtPort === 0 ? await freeUdpPort(host) : srtPort,
  };
}

async function freeTcpPort(host: string): Promise<number> {
  const server = createServer().listen(0, host);
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  server.close();
  return port;
}

async function freeUdpPort(host: string): Promise<number> {
  const socket = createSocket(host.includes(":") ? "udp6" : "udp4").bind(0, host);
  await once(socket, "listening");
  const { port } = socket.address();
  socket.close();
  return port;
}

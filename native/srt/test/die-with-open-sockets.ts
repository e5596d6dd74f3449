/** A process that opens everything and dies: libsrt's exit handler could wait for ever then (see Engine::abandon). */
import { ByteCounter, SrtCaller, SrtListener } from "../src/index.ts";

const listener = SrtListener.listen({ host: "127.0.0.1", port: 0 });
const { sink } = new ByteCounter();
SrtCaller.connect({ host: "127.0.0.1", port: listener.port, passphrase: "0123456789" }, sink);
throw new TypeError("dies on purpose");

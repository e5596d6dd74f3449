/** Where an installed Lanthorn lies: the only place that names these paths. */

/** The project's tree on the image, read-only. */
export const INSTALL_DIR = "/usr/lib/lanthorn";

/** The pinned Node, as npm lays it out (a link to the package of this processor). */
export const NODE = `${INSTALL_DIR}/node_modules/.bin/node`;

/** Modules compiled when the image is made (units/compile.ts), read-only like the rest: no service may write what it runs at its next start. */
export const COMPILED_DIR = `${INSTALL_DIR}/compiled`;

/** Unix sockets of all services; made by tmpfiles.d. */
export const RUN_DIR = "/run/lanthorn";

/** State of all services, one folder each. */
export const STATE_DIR = "/var/lib/lanthorn";

/** Optional TOML files, one a service. */
export const CONFIG_DIR = "/etc/lanthorn";

/** Secrets, root only; units hand out copies by LoadCredential=. */
export const CREDENTIALS_DIR = `${STATE_DIR}/credentials`;

/** State of the cameras service: registry.db, which every service reads. */
export const REGISTRY_DIR = `${STATE_DIR}/cameras`;

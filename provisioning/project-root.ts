/** The project's root directory, absolute, without a final slash: main files of services are named from here. */
export const PROJECT_ROOT = new URL("..", import.meta.url).pathname.replace(/\/$/, "");

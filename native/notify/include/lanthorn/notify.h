/**
 * lanthorn/notify.h: unix datagrams, which Node does not have: one sender for sd_notify, one listener for its tests.
 *
 * Functions return 0 or an errno; nothing throws, nothing allocates that the caller must free except the listener.
 * A path that begins with '@' names a socket of the abstract namespace, as systemd writes it in NOTIFY_SOCKET
 * (sd_notify(3)).
 */
#ifndef LANTHORN_NOTIFY_H
#define LANTHORN_NOTIFY_H

#include <stddef.h>

#ifdef __cplusplus
extern "C" {
#endif

/**
 * Sends one datagram. Waits at most 100 ms for room in the receiver's queue, then EAGAIN.
 * Errors: EINVAL (empty or relative path), ENAMETOOLONG, ENOENT, ECONNREFUSED (nobody listens), EAGAIN, EMSGSIZE and
 * what sendto(2) gives.
 */
int ltn_datagram_send(const char *path, size_t path_bytes, const char *message, size_t message_bytes);

typedef struct ltn_datagram_listener ltn_datagram_listener_h;

/** Binds a datagram socket. Owner: the caller, until ltn_datagram_listener_close. Errors: EADDRINUSE and those of
 * bind(2). */
int ltn_datagram_listener_open(const char *path, size_t path_bytes, ltn_datagram_listener_h **out);
/**
 * Takes the oldest waiting datagram without waiting; *message_bytes is its size. Longer ones than capacity are cut.
 * Errors: EAGAIN when none waits.
 */
int ltn_datagram_listener_receive(ltn_datagram_listener_h *listener, char *buffer, size_t capacity_bytes,
                                  size_t *message_bytes);
/** Closes the socket and removes its file. NULL is allowed. */
void ltn_datagram_listener_close(ltn_datagram_listener_h *listener);

#ifdef __cplusplus
}
#endif
#endif

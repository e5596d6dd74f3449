/* The header is C11: this file only has to compile. */
#include "lanthorn/notify.h"

int ltn_notify_header_is_c(void);
int ltn_notify_header_is_c(void) { return sizeof(ltn_datagram_listener_h *) > 0; }

/* The public header is C11: this file exists to be compiled by a C compiler. */
#include "lanthorn/media.h"

const char *lanthorn_media_header_compiles_as_c(void) { return ltn_media_last_error(); }

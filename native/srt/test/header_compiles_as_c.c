/* The header is C11: this file only has to compile. */
#include "lanthorn/srt.h"

int ltn_srt_header_is_c(void);
int ltn_srt_header_is_c(void) { return LTN_SRT_OK == 0; }

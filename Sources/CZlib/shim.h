#ifndef RNNCORE_CZLIB_SHIM_H
#define RNNCORE_CZLIB_SHIM_H

#include <zlib.h>

#endif

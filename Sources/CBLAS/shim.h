#ifndef RNNCORE_CBLAS_SHIM_H
#define RNNCORE_CBLAS_SHIM_H

#include <cblas.h>
#include <stdint.h>

// Swift imports a C type only by a typedef; lapacke.h would make this one a macro.
typedef int32_t lapack_int;
#define lapack_int lapack_int
#include <lapacke.h>

#endif

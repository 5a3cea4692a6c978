#pragma once

#include "models/common/vector_clones.h"

/// The intrinsics of x86-64, where functions may be compiled for single instruction sets.
#ifdef LACUNA_HAS_VECTOR_CLONES
// GCC 12 takes the values that its own header leaves undefined for mistakes.
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wuninitialized"
#pragma GCC diagnostic ignored "-Wmaybe-uninitialized"
#include <immintrin.h>
#pragma GCC diagnostic pop
#endif

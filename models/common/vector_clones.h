#pragma once

#include <cstddef>

/// Marks a function whose loops over PEs are to be compiled for several instruction sets, the best of which
/// is chosen when the program starts. Elsewhere than GCC on x86-64, and under sanitizers (whose runtime is
/// not up when the choice is made), it is plain portable code. The results are the same integers everywhere.
/// With LACUNA_ONE_INSTRUCTION_SET defined there are no clones, only what the compiler was told to build for:
/// so tests exercise each set.
#if defined(__GNUC__) && !defined(__clang__) && defined(__x86_64__) && !defined(__SANITIZE_ADDRESS__) && \
    !defined(__SANITIZE_THREAD__) && !defined(LACUNA_ONE_INSTRUCTION_SET)
#define LACUNA_HAS_VECTOR_CLONES 1
#define LACUNA_VECTOR_CLONES __attribute__((target_clones("arch=x86-64-v4", "arch=x86-64-v3", "default")))
#else
#define LACUNA_VECTOR_CLONES
#endif

/// Marks a function that must become part of its cloned caller.
#if defined(__GNUC__)
#define LACUNA_INLINE inline __attribute__((always_inline))
#else
#define LACUNA_INLINE inline
#endif

/// Before a loop over lanes: no iteration depends on another one, though the compiler cannot see it.
#if defined(__GNUC__) && !defined(__clang__)
#define LACUNA_INDEPENDENT_LANES _Pragma("GCC ivdep")
#else
#define LACUNA_INDEPENDENT_LANES
#endif

/// Asks for a cache line that will soon be read. Broadcast columns do not lie where hardware would expect
/// them; they are asked for this many broadcasts ahead.
inline constexpr std::size_t prefetch_distance = 12;
#if defined(__GNUC__)
#define LACUNA_PREFETCH(address) __builtin_prefetch(address)
#else
#define LACUNA_PREFETCH(address) static_cast<void>(address)
#endif

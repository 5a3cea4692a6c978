/* What a compiled pipeline offers the program: a C interface, so that the two need not share a compiler or
   its settings. Compiled into both. Vectors of bits are words of 32, lowest first. */
#pragma once

#include <stdint.h>

/* Of one cycle. */
struct LacunaTomatoCycle {
  /* In: the source's and the sink's side of the platform. */
  uint32_t pixel_valid;
  const uint32_t* pixel;
  uint32_t result_ready;
  /* Out; the caller's memory. */
  uint32_t* pushes;      /* a bit for each FIFO */
  uint32_t* pops;        /* a bit for each FIFO */
  uint32_t* result;      /* the sink's token */
  uint32_t* clipped;     /* for each requantisation 16 bits: values clipped */
  uint32_t* requantised; /* a bit for each: with this cycle a token's values are complete */
  uint32_t* gates;       /* a bit for each channel of each winners unit: open, where its FIFO is pushed */
  /* FIFOs of pixels by number, whose tokens are wanted where they are pushed: each channel's mantissa in its
     stream's bits, lowest channel first, `watched_words` words for each FIFO. */
  uint32_t watch_count;
  const uint32_t* watch; /* in */
  uint32_t* watched;     /* out */
};

struct LacunaTomatoMachine {
  /* Words of the vectors above. */
  uint32_t pixel_words;
  uint32_t fifo_words;
  uint32_t result_words;
  uint32_t clipped_words;
  uint32_t requantised_words;
  uint32_t gate_words;
  uint32_t watched_words; /* of one token */
  void* (*create)(void);
  void (*destroy)(void* machine);
  void (*reset)(void* machine);
  void (*cycle)(void* machine, const struct LacunaTomatoCycle* cycle);
};

/* The machines of a library; null behind the last. */
typedef const struct LacunaTomatoMachine* (*LacunaTomatoEntry)(uint32_t number);

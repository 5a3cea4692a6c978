/* What the platform leaves in memory for the firmware: where a layer's parts stand, and what should come out.
   All numbers are 32 bits, little-endian; addresses are the processor's. */
#ifndef LACUNA_EXAMPLE_BOOT_H
#define LACUNA_EXAMPLE_BOOT_H

#include <stdint.h>

#define BOOT_ADDRESS 0x00100000u
#define DEVICE_ADDRESS 0x40000000u
#define EXIT_ADDRESS 0x50000000u /* a word written here ends the simulation */

struct boot {
  uint32_t descriptor; /* 128 bytes for the firmware to fill */
  uint32_t codebook;
  uint32_t codebook_entries;
  uint32_t pointers;
  uint32_t pointer_bytes;
  uint32_t rows;
  uint32_t row_bytes;
  uint32_t inputs; /* vectors of 16-bit activations */
  uint32_t input_count;
  uint32_t outputs; /* where the results go, 16 bits each */
  uint32_t output_count;
  uint32_t vectors;
  uint32_t expected; /* the results that should come out */
  uint32_t weight_integer_bits;
  uint32_t activation_integer_bits;
  uint32_t accumulator_integer_bits;
  uint32_t output_integer_bits;
};

#endif

/* Bare-metal firmware for a 32-bit RISC-V core: describes a layer to an EIE device, starts it, waits until it is
   done, and compares the results with what should come out. Registers and descriptors are those of the C header
   for drivers. Nothing of a C library is needed. */

#include "boot.h"
#include "models/device/lacuna_device.h"

static volatile uint32_t* reg(uint32_t offset) {
  return (volatile uint32_t*)(DEVICE_ADDRESS + offset);
}

/* The compiler may call this for structures. */
void* memset(void* to, int value, unsigned long size) {
  unsigned char* bytes = to;
  while (size-- > 0) {
    *bytes++ = (unsigned char)value;
  }
  return to;
}

/* 0: all is as it should be; 1: no device; 2 to 255: the device's error code + 2; from 256 on: 256 + results that
   differ. */
static uint32_t run(void) {
  const struct boot* boot = (const struct boot*)BOOT_ADDRESS;
  if (*reg(LACUNA_REG_ID) != 0x414E434Cu || *reg(LACUNA_REG_FAMILY) != LACUNA_FAMILY_EIE) {
    return 1;
  }
  volatile struct lacuna_eie_job* job = (volatile struct lacuna_eie_job*)boot->descriptor;
  memset((void*)boot->descriptor, 0, LACUNA_JOB_BYTES);
  job->header.magic = LACUNA_JOB_MAGIC;
  job->header.version = LACUNA_JOB_VERSION;
  job->header.size_bytes = LACUNA_JOB_BYTES;
  job->header.family = LACUNA_FAMILY_EIE;
  job->header.items = boot->vectors;
  job->header.input_address = boot->inputs;
  job->header.input_bytes = 2 * boot->input_count;
  job->header.output_address = boot->outputs;
  job->header.output_bytes = 2 * boot->output_count;
  job->inputs = boot->input_count;
  job->outputs = boot->output_count;
  job->layer = 2; /* ReLU */
  job->weight_integer_bits = (uint8_t)boot->weight_integer_bits;
  job->activation_integer_bits = (uint8_t)boot->activation_integer_bits;
  job->accumulator_integer_bits = (uint8_t)boot->accumulator_integer_bits;
  job->output_integer_bits = (uint8_t)boot->output_integer_bits;
  job->codebook_address = boot->codebook;
  job->codebook_entries = boot->codebook_entries;
  job->pointer_address = boot->pointers;
  job->pointer_bytes = boot->pointer_bytes;
  job->row_address = boot->rows;
  job->row_bytes = boot->row_bytes;

  *reg(LACUNA_REG_JOB_LOW) = boot->descriptor;
  *reg(LACUNA_REG_JOB_HIGH) = 0;
  *reg(LACUNA_REG_CONTROL) = LACUNA_CONTROL_START;
  uint32_t happened = 0;
  do {
    happened = *reg(LACUNA_REG_INTERRUPT_STATUS);
  } while ((happened & (LACUNA_INTERRUPT_STATUS_DONE | LACUNA_INTERRUPT_STATUS_ERROR)) == 0);
  *reg(LACUNA_REG_INTERRUPT_STATUS) = happened;
  const uint32_t status = *reg(LACUNA_REG_STATUS);
  if ((status & LACUNA_STATUS_DONE) == 0) {
    return 2 + ((status & LACUNA_STATUS_ERROR) >> LACUNA_STATUS_ERROR_SHIFT);
  }
  const volatile uint16_t* results = (const volatile uint16_t*)boot->outputs;
  const uint16_t* expected = (const uint16_t*)boot->expected;
  uint32_t wrong = 0;
  for (uint32_t i = 0; i < boot->vectors * boot->output_count; ++i) {
    wrong += results[i] != expected[i];
  }
  return wrong == 0 ? 0 : 256 + wrong;
}

__attribute__((section(".start"), naked, used)) void start(void) {
  __asm__("lui sp, 0x100\n"
          "call firmware_main\n");
}

__attribute__((used)) void firmware_main(void) {
  *(volatile uint32_t*)EXIT_ADDRESS = run();
  for (;;) {
  }
}

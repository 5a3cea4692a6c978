/* What a driver in C sees of the interface: compiled as C, called by test_abi.cpp. */
#include "models/device/lacuna_device.h"

#include <stddef.h>
#include <string.h>

/* Writes a descriptor of 64 inputs and 10 outputs at `to`. */
void lacuna_test_fill_job(unsigned char* to) {
  struct lacuna_eie_job job;
  memset(&job, 0, sizeof job);
  job.header.magic = LACUNA_JOB_MAGIC;
  job.header.version = LACUNA_JOB_VERSION;
  job.header.size_bytes = LACUNA_JOB_BYTES;
  job.header.family = LACUNA_FAMILY_EIE;
  job.header.flags = LACUNA_JOB_FLAG_INTERRUPT;
  job.header.next = 0x1122334455667788u;
  job.header.items = 7;
  job.inputs = 64;
  job.outputs = 10;
  job.output_integer_bits = 3;
  job.row_bytes = 0x0102030405060708u;
  memcpy(to, &job, sizeof job);
}

unsigned lacuna_test_register(int which) {
  switch (which) {
    case 0:
      return LACUNA_REG_STATUS;
    case 1:
      return LACUNA_REG_JOB_HIGH;
    case 2:
      return LACUNA_STATUS_ERROR;
    case 3:
      return LACUNA_ERROR_BUS;
    case 4:
      return LACUNA_REG_EIE_PE_COUNT;
    default:
      return (unsigned)offsetof(struct lacuna_eie_job, row_bytes);
  }
}

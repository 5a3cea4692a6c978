/* Registers and job descriptors of Lacuna's devices, for drivers in C and C++ (docs/device.md).
   Made from the declarations in models/device by tests/models/device/device_abi.cpp. */
/* clang-format off */
#ifndef LACUNA_DEVICE_H
#define LACUNA_DEVICE_H

#include <stdint.h>

/* Registers: offsets in bytes; 32 bits each, little-endian. */
#define LACUNA_REG_ID 0x000 /* read only: the letters LCNA: this is a device of this kind */
#define LACUNA_REG_ABI_VERSION 0x004 /* read only: of registers and job descriptors: major in the upper half, minor in the lower */
#define LACUNA_REG_FAMILY 0x008 /* read only: which descriptors it takes: 1 EIE, 2 streaming */
#define LACUNA_REG_CONTROL 0x00C /* command, reads 0: commands */
#define LACUNA_REG_STATUS 0x010 /* read only: what the device does, and why it stopped */
#define LACUNA_REG_INTERRUPT_ENABLE 0x014 /* read, write: which bits of INTERRUPT_STATUS raise the interrupt line */
#define LACUNA_REG_INTERRUPT_STATUS 0x018 /* read, 1 clears: what has happened */
#define LACUNA_REG_JOB_LOW 0x020 /* read, write: address of the first job's descriptor, a multiple of 8: lower half */
#define LACUNA_REG_JOB_HIGH 0x024 /* read, write: its upper half */
#define LACUNA_REG_ERROR_LOW 0x028 /* read only: with an error, the address of the job's descriptor; of BUS, that of the transfer: lower half */
#define LACUNA_REG_ERROR_HIGH 0x02C /* read only: its upper half */
#define LACUNA_REG_JOBS_DONE 0x030 /* read only: since START: jobs whose last result is in memory */
#define LACUNA_REG_ITEMS_DONE 0x034 /* read only: since START: vectors or groups of frames whose results are in memory */
#define LACUNA_REG_ITEMS_OVERLAPPED 0x038 /* read only: since START: items loaded while another was computed */
#define LACUNA_REG_COMPUTE_CYCLES_LOW 0x040 /* read only: since START: cycles of the machine's runs; latches the upper */
#define LACUNA_REG_COMPUTE_CYCLES_HIGH 0x044 /* read only: the upper half, as it was when the lower was read */
#define LACUNA_REG_BYTES_READ_LOW 0x048 /* read only: since START: bytes that the DMA has read; latches the upper half */
#define LACUNA_REG_BYTES_READ_HIGH 0x04C /* read only: the upper half, as it was when the lower was read */
#define LACUNA_REG_BYTES_WRITTEN_LOW 0x050 /* read only: since START: bytes that the DMA has written; latches the rest */
#define LACUNA_REG_BYTES_WRITTEN_HIGH 0x054 /* read only: the upper half, as it was when the lower was read */

/* Fields of registers, in place. */
#define LACUNA_CONTROL_START 0x00000001 /* works on the chain of jobs that begins at JOB; ignored while BUSY */
#define LACUNA_CONTROL_RESET 0x00000002 /* abandons everything, as the reset line does; JOB and ENABLE are kept */
#define LACUNA_STATUS_BUSY 0x00000001 /* a chain of jobs or a reset goes on */
#define LACUNA_STATUS_DONE 0x00000002 /* the chain begun last has come to its end without an error */
#define LACUNA_STATUS_ERROR 0x0000FF00 /* why the chain begun last was ended: an error code */
#define LACUNA_INTERRUPT_ENABLE_DONE 0x00000001 /* raise the line at the end of a chain */
#define LACUNA_INTERRUPT_ENABLE_JOB 0x00000002 /* raise it at the end of a job that asks for it */
#define LACUNA_INTERRUPT_ENABLE_ERROR 0x00000004 /* raise it at an error */
#define LACUNA_INTERRUPT_STATUS_DONE 0x00000001 /* a chain has come to its end without an error */
#define LACUNA_INTERRUPT_STATUS_JOB 0x00000002 /* a job that asks for an interrupt is done */
#define LACUNA_INTERRUPT_STATUS_ERROR 0x00000004 /* a chain was ended by an error */
#define LACUNA_STATUS_ERROR_SHIFT 8

/* Error codes. */
#define LACUNA_ERROR_NONE 0 /* no error */
#define LACUNA_ERROR_MAGIC 1 /* no job descriptor at this address, or an address that is no multiple of 8 */
#define LACUNA_ERROR_VERSION 2 /* a descriptor of another version or size */
#define LACUNA_ERROR_FAMILY 3 /* a descriptor for another family of machines */
#define LACUNA_ERROR_FIELD 4 /* a field has a value that is not allowed, or what is reserved is not 0 */
#define LACUNA_ERROR_CAPACITY 5 /* the job does not fit the machine's memories or formats */
#define LACUNA_ERROR_WEIGHTS 6 /* pointers, entries or codebook contradict themselves or the descriptor */
#define LACUNA_ERROR_VALUE 7 /* an input value lies outside its format */
#define LACUNA_ERROR_BUS 8 /* the memory answered with an error */
#define LACUNA_ERROR_DEADLOCK 9 /* the machine stands still: a FIFO is too shallow for its pipeline */

/* Job descriptors: 128 bytes at a multiple of 8, little-endian. */
#define LACUNA_JOB_MAGIC 0x424F4A4C
#define LACUNA_JOB_VERSION 1
#define LACUNA_JOB_BYTES 128
#define LACUNA_JOB_FLAG_INTERRUPT 1

struct lacuna_job_header {
  uint32_t magic; /* 0x424F4A4C, the letters LJOB */
  uint16_t version; /* 1 */
  uint16_t size_bytes; /* 128 */
  uint32_t family; /* 1 EIE, 2 streaming; as in the register FAMILY */
  uint32_t flags; /* bit 0: interrupt JOB when this job is done; other bits 0 */
  uint64_t next; /* address of the next job's descriptor; 0: this is the last */
  uint64_t input_address; /* of the vectors or frames, one behind the other */
  uint64_t output_address; /* where the results go, one behind the other */
  uint32_t items; /* vectors or frames, at least 1 */
  uint32_t input_bytes; /* of one vector or frame; the device checks that it would say so too */
  uint32_t output_bytes; /* of one result; checked likewise */
  uint32_t reserved; /* 0 */
};

#define LACUNA_FAMILY_EIE 1
#define LACUNA_REG_EIE_PE_COUNT 0x100 /* processing elements */
#define LACUNA_REG_EIE_SPMAT_ROW_BITS 0x104 /* width of a row of the sparse-matrix memory */
#define LACUNA_REG_EIE_CODE_BITS 0x108 /* of an entry's weight code */
#define LACUNA_REG_EIE_ZERO_BITS 0x10C /* of an entry's zero count */
#define LACUNA_REG_EIE_POINTER_BITS 0x110 /* width of a pointer */
#define LACUNA_REG_EIE_WEIGHT_BITS 0x114 /* width of a shared weight */
#define LACUNA_REG_EIE_ACTIVATION_BITS 0x118 /* width of an activation and of a result */
#define LACUNA_REG_EIE_ACCUMULATOR_BITS 0x11C /* width of an accumulator */
#define LACUNA_REG_EIE_REGISTER_ENTRIES 0x120 /* activations in a PE's register file, which decides the order of the entries; 0: whole vectors */
#define LACUNA_REG_EIE_SPMAT_BYTES 0x124 /* sparse-matrix memory of a PE */
#define LACUNA_REG_EIE_POINTER_BYTES 0x128 /* pointer memory of a PE */
#define LACUNA_REG_EIE_ACTIVATION_BYTES 0x12C /* activation memory of a PE */

struct lacuna_eie_job {
  struct lacuna_job_header header;
  uint32_t inputs; /* activations of a vector, at least 1 */
  uint32_t outputs; /* results of a vector, at least 1 */
  uint32_t layer; /* bit 0: the matrix has a bias column, its last; bit 1: ReLU; other bits 0 */
  uint8_t weight_integer_bits; /* of the fixed-point format of the weights */
  uint8_t activation_integer_bits; /* of the activations */
  uint8_t accumulator_integer_bits; /* of the accumulators */
  uint8_t output_integer_bits; /* of the results */
  uint64_t codebook_address; /* shared weights, element 0 being 0 */
  uint32_t codebook_entries; /* 1 to 2^CODE_BITS */
  uint32_t pointer_bytes; /* of all PEs' pointers; checked */
  uint64_t pointer_address; /* pointers, PE after PE */
  uint64_t row_address; /* rows of the sparse-matrix memories, PE after PE */
  uint64_t row_bytes; /* of all PEs' rows; checked against the pointers */
  uint8_t zeros[16];
};
typedef char lacuna_eie_job_has_its_size[sizeof(struct lacuna_eie_job) == LACUNA_JOB_BYTES ? 1 : -1];

#define LACUNA_FAMILY_STREAM 2
#define LACUNA_REG_STREAM_FRAME_HEIGHT 0x100 /* rows of a frame */
#define LACUNA_REG_STREAM_FRAME_WIDTH 0x104 /* pixels of a row */
#define LACUNA_REG_STREAM_FRAME_CHANNELS 0x108 /* values of a pixel */
#define LACUNA_REG_STREAM_FRAME_VALUE_BYTES 0x10C /* 1, 2 or 4: bytes of a value, a mantissa in the source's format */
#define LACUNA_REG_STREAM_RESULT_HEIGHT 0x110 /* rows of a result */
#define LACUNA_REG_STREAM_RESULT_WIDTH 0x114 /* pixels of a row */
#define LACUNA_REG_STREAM_RESULT_CHANNELS 0x118 /* values of a pixel */
#define LACUNA_REG_STREAM_RESULT_VALUE_BYTES 0x11C /* 1, 2, 4 or 8: bytes of a value, a mantissa of the sink's stream */
#define LACUNA_REG_STREAM_INPUT_BUFFER_BYTES 0x120 /* frames held on the device */
#define LACUNA_REG_STREAM_OUTPUT_BUFFER_BYTES 0x124 /* results held on the device */

struct lacuna_stream_job {
  struct lacuna_job_header header;
  uint32_t frames_per_run; /* frames that go through the pipeline back to back; the buffers hold that many */
  uint8_t zeros[68];
};
typedef char lacuna_stream_job_has_its_size[sizeof(struct lacuna_stream_job) == LACUNA_JOB_BYTES ? 1 : -1];

#endif

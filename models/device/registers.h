#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

/// The registers that every device has, declared once: the device's code, the C header for drivers
/// (lacuna_device.h) and the tables of docs/reference/device.md are all made from these lines. Registers are
/// 32 bits wide and little-endian; a device's own registers, all of them constant, begin at 0x100.
namespace lacuna::device {

enum class Access {
  read_only,
  read_write,
  write_one_to_clear,  ///< a bit written as 1 becomes 0
  command,             ///< a bit written as 1 does something; reads as 0
};

/// X(name, offset, access, value after reset, meaning)
#define LACUNA_DEVICE_REGISTERS(X)                                                                           \
  X(ID, 0x000, read_only, 0x414E434C, "the letters LCNA: this is a device of this kind")                     \
  X(ABI_VERSION, 0x004, read_only, 0x00010000,                                                               \
    "of registers and job descriptors: major in the upper half, minor in the lower")                         \
  X(FAMILY, 0x008, read_only, 0, "which descriptors it takes: 1 EIE, 2 streaming")                           \
  X(CONTROL, 0x00C, command, 0, "commands")                                                                  \
  X(STATUS, 0x010, read_only, 0, "what the device does, and why it stopped")                                 \
  X(INTERRUPT_ENABLE, 0x014, read_write, 0, "which bits of INTERRUPT_STATUS raise the interrupt line")       \
  X(INTERRUPT_STATUS, 0x018, write_one_to_clear, 0, "what has happened")                                     \
  X(JOB_LOW, 0x020, read_write, 0, "address of the first job's descriptor, a multiple of 8: lower half")     \
  X(JOB_HIGH, 0x024, read_write, 0, "its upper half")                                                        \
  X(ERROR_LOW, 0x028, read_only, 0,                                                                          \
    "with an error, the address of the job's descriptor; of BUS, that of the transfer: lower half")          \
  X(ERROR_HIGH, 0x02C, read_only, 0, "its upper half")                                                       \
  X(JOBS_DONE, 0x030, read_only, 0, "since START: jobs whose last result is in memory")                      \
  X(ITEMS_DONE, 0x034, read_only, 0, "since START: vectors or groups of frames whose results are in memory") \
  X(ITEMS_OVERLAPPED, 0x038, read_only, 0, "since START: items loaded while another was computed")           \
  X(COMPUTE_CYCLES_LOW, 0x040, read_only, 0, "since START: cycles of the machine's runs; latches the upper") \
  X(COMPUTE_CYCLES_HIGH, 0x044, read_only, 0, "the upper half, as it was when the lower was read")           \
  X(BYTES_READ_LOW, 0x048, read_only, 0, "since START: bytes that the DMA has read; latches the upper half") \
  X(BYTES_READ_HIGH, 0x04C, read_only, 0, "the upper half, as it was when the lower was read")               \
  X(BYTES_WRITTEN_LOW, 0x050, read_only, 0, "since START: bytes that the DMA has written; latches the rest") \
  X(BYTES_WRITTEN_HIGH, 0x054, read_only, 0, "the upper half, as it was when the lower was read")

/// X(register, field, lowest bit, bits, meaning)
#define LACUNA_DEVICE_FIELDS(X)                                                                   \
  X(CONTROL, START, 0, 1, "works on the chain of jobs that begins at JOB; ignored while BUSY")    \
  X(CONTROL, RESET, 1, 1, "abandons everything, as the reset line does; JOB and ENABLE are kept") \
  X(STATUS, BUSY, 0, 1, "a chain of jobs or a reset goes on")                                     \
  X(STATUS, DONE, 1, 1, "the chain begun last has come to its end without an error")              \
  X(STATUS, ERROR, 8, 8, "why the chain begun last was ended: an error code")                     \
  X(INTERRUPT_ENABLE, DONE, 0, 1, "raise the line at the end of a chain")                         \
  X(INTERRUPT_ENABLE, JOB, 1, 1, "raise it at the end of a job that asks for it")                 \
  X(INTERRUPT_ENABLE, ERROR, 2, 1, "raise it at an error")                                        \
  X(INTERRUPT_STATUS, DONE, 0, 1, "a chain has come to its end without an error")                 \
  X(INTERRUPT_STATUS, JOB, 1, 1, "a job that asks for an interrupt is done")                      \
  X(INTERRUPT_STATUS, ERROR, 2, 1, "a chain was ended by an error")

/// X(name, code, meaning)
#define LACUNA_DEVICE_ERRORS(X)                                                            \
  X(NONE, 0, "no error")                                                                   \
  X(MAGIC, 1, "no job descriptor at this address, or an address that is no multiple of 8") \
  X(VERSION, 2, "a descriptor of another version or size")                                 \
  X(FAMILY, 3, "a descriptor for another family of machines")                              \
  X(FIELD, 4, "a field has a value that is not allowed, or what is reserved is not 0")     \
  X(CAPACITY, 5, "the job does not fit the machine's memories or formats")                 \
  X(WEIGHTS, 6, "pointers, entries or codebook contradict themselves or the descriptor")   \
  X(VALUE, 7, "an input value lies outside its format")                                    \
  X(BUS, 8, "the memory answered with an error")                                           \
  X(DEADLOCK, 9, "the machine stands still: a FIFO is too shallow for its pipeline")

#define LACUNA_ENUMERATOR(name, offset, access, reset, meaning) name = (offset),
enum class Register : std::uint32_t { LACUNA_DEVICE_REGISTERS(LACUNA_ENUMERATOR) };
#undef LACUNA_ENUMERATOR

#define LACUNA_ENUMERATOR(name, code, meaning) name = (code),
enum class ErrorCode : std::uint32_t { LACUNA_DEVICE_ERRORS(LACUNA_ENUMERATOR) };
#undef LACUNA_ENUMERATOR

/// Bits of a register, in place.
#define LACUNA_MASK(reg, field, low, bits, meaning) \
  inline constexpr std::uint32_t reg##_##field = ((1U << (bits)) - 1U) << (low);
LACUNA_DEVICE_FIELDS(LACUNA_MASK)
#undef LACUNA_MASK

inline constexpr unsigned status_error_shift = 8;
static_assert(STATUS_ERROR == 0xFFU << status_error_shift);

struct RegisterInfo {
  const char* name;
  std::uint32_t offset;
  Access access;
  std::uint32_t reset;
  const char* meaning;
};
struct FieldInfo {
  const char* register_name;
  const char* name;
  unsigned low;
  unsigned bits;
  const char* meaning;
};
struct ErrorInfo {
  const char* name;
  std::uint32_t code;
  const char* meaning;
};

#define LACUNA_INFO(name, offset, access, reset, meaning) \
  RegisterInfo{#name, offset, Access::access, reset, meaning},
inline constexpr RegisterInfo register_info[] = {LACUNA_DEVICE_REGISTERS(LACUNA_INFO)};
#undef LACUNA_INFO
#define LACUNA_INFO(reg, field, low, bits, meaning) FieldInfo{#reg, #field, low, bits, meaning},
inline constexpr FieldInfo field_info[] = {LACUNA_DEVICE_FIELDS(LACUNA_INFO)};
#undef LACUNA_INFO
#define LACUNA_INFO(name, code, meaning) ErrorInfo{#name, code, meaning},
inline constexpr ErrorInfo error_info[] = {LACUNA_DEVICE_ERRORS(LACUNA_INFO)};
#undef LACUNA_INFO

/// Where a device's own registers begin, and how many bytes of registers there are.
inline constexpr std::uint32_t own_registers = 0x100;
inline constexpr std::uint32_t register_bytes = 0x200;

}  // namespace lacuna::device

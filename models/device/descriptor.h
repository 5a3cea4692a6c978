#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

/// Job descriptors: what a driver puts into memory and a device's DMA fetches (docs/device.md). A descriptor
/// is 128 bytes, little-endian, at a multiple of 8: the fields that all devices share, then those of its
/// family, then zeros. Each list of fields is declared once; the decoder, the C header for drivers and the
/// tables of the documentation are made from it.
namespace lacuna::device {

using u8 = std::uint8_t;
using u16 = std::uint16_t;
using u32 = std::uint32_t;
using u64 = std::uint64_t;

inline constexpr u32 job_magic = 0x424F4A4C;  ///< the letters LJOB
inline constexpr u16 job_version = 1;
inline constexpr u16 job_bytes = 128;

/// X(type, name, meaning)
#define LACUNA_DEVICE_JOB_FIELDS(X)                                                         \
  X(u32, magic, "0x424F4A4C, the letters LJOB")                                             \
  X(u16, version, "1")                                                                      \
  X(u16, size_bytes, "128")                                                                 \
  X(u32, family, "1 EIE, 2 streaming; as in the register FAMILY")                           \
  X(u32, flags, "bit 0: interrupt JOB when this job is done; other bits 0")                 \
  X(u64, next, "address of the next job's descriptor; 0: this is the last")                 \
  X(u64, input_address, "of the vectors or frames, one behind the other")                   \
  X(u64, output_address, "where the results go, one behind the other")                      \
  X(u32, items, "vectors or frames, at least 1")                                            \
  X(u32, input_bytes, "of one vector or frame; the device checks that it would say so too") \
  X(u32, output_bytes, "of one result; checked likewise")                                   \
  X(u32, reserved, "0")

inline constexpr u32 job_flag_interrupt = 1;

struct FieldLine {
  const char* name;
  std::size_t bytes;
  const char* meaning;
};

/// Declares a structure of fields with the table of them. `visit` calls visitor(field) in their order.
#define LACUNA_MEMBER(type, name, meaning) type name = 0;
#define LACUNA_LINE(type, name, meaning) ::lacuna::device::FieldLine{#name, sizeof(type), meaning},
#define LACUNA_VISIT(type, name, meaning) visitor(self.name);
#define LACUNA_JOB_STRUCTURE(Name, FIELDS)                                               \
  struct Name {                                                                          \
    FIELDS(LACUNA_MEMBER)                                                                \
    static const std::vector<::lacuna::device::FieldLine>& lines() {                     \
      static const std::vector<::lacuna::device::FieldLine> all = {FIELDS(LACUNA_LINE)}; \
      return all;                                                                        \
    }                                                                                    \
    template <class Self, class Visitor>                                                 \
    static void visit(Self& self, Visitor&& visitor) {                                   \
      FIELDS(LACUNA_VISIT)                                                               \
    }                                                                                    \
  };

LACUNA_JOB_STRUCTURE(JobHeader, LACUNA_DEVICE_JOB_FIELDS)

/// Where a family's fields begin.
inline constexpr std::size_t family_fields = 56;

/// A little-endian number of `bytes` bytes, sign-extended or not.
inline u64 get_number(const u8* at, std::size_t bytes) {
  u64 value = 0;
  for (std::size_t i = 0; i < bytes; ++i) {
    value |= u64{at[i]} << (8 * i);
  }
  return value;
}
inline std::int64_t get_signed(const u8* at, std::size_t bytes) {
  const u64 value = get_number(at, bytes);
  const unsigned unused = static_cast<unsigned>(64 - 8 * bytes);
  return static_cast<std::int64_t>(value << unused) >> unused;
}
inline void put_number(std::vector<u8>& to, u64 value, std::size_t bytes) {
  for (std::size_t i = 0; i < bytes; ++i) {
    to.push_back(static_cast<u8>(value >> (8 * i)));
  }
}

/// Reads a structure of fields that begins at `offset` of a descriptor; returns where it ends.
template <class Fields>
std::size_t get_fields(const std::vector<u8>& descriptor, std::size_t offset, Fields& fields) {
  Fields::visit(fields, [&](auto& field) {
    field = static_cast<std::decay_t<decltype(field)>>(get_number(descriptor.data() + offset, sizeof(field)));
    offset += sizeof(field);
  });
  return offset;
}

/// A descriptor of a header and a family's fields.
template <class Fields>
std::vector<u8> job_descriptor(const JobHeader& header, const Fields& fields) {
  std::vector<u8> bytes;
  const auto put = [&](const auto& field) { put_number(bytes, field, sizeof(field)); };
  JobHeader::visit(header, put);
  Fields::visit(fields, put);
  bytes.resize(job_bytes);
  return bytes;
}

}  // namespace lacuna::device

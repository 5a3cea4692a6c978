#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "models/common/error.h"
#include "models/device/descriptor.h"
#include "models/device/registers.h"

namespace lacuna::device {

/// What ends a chain of jobs: a code for STATUS and a line for people.
class JobError : public Error {
 public:
  JobError(ErrorCode error_code, const std::string& wrong, const std::string& allowed = {})
      : Error({}, wrong, allowed), code(error_code) {}

  const ErrorCode code;
};

/// A range of the platform's memory; `bytes` is at least 1.
struct Transfer {
  std::uint64_t address = 0;
  std::uint64_t bytes = 0;
};

/// A job whose descriptor was accepted: what has to be loaded before its items, and where those are. A family
/// has its own kind of job.
class Job {
 public:
  explicit Job(const JobHeader& of_job) : header(of_job) {}
  Job(const Job&) = delete;
  Job& operator=(const Job&) = delete;
  virtual ~Job() = default;

  const JobHeader header;

  /// What the machine has to hold before the first item, part by part: the size of one may depend on what
  /// another has brought. Nothing: all is there. `next_load` does not change the job.
  virtual std::optional<Transfer> next_load() const = 0;
  /// Takes the part that `next_load` named. Throws JobError.
  virtual void take_load(std::vector<std::uint8_t> bytes) = 0;

  /// What is loaded, computed and stored in one go.
  virtual std::uint32_t items() const = 0;
  virtual Transfer input(std::uint32_t item) const = 0;
  virtual Transfer output(std::uint32_t item) const = 0;
};

/// What a run gave.
struct ItemResult {
  std::uint64_t cycles = 0;
  std::vector<std::uint8_t> bytes;
};

/// The fields that every job has, checked but for magic, version, size and family. Throws JobError (FIELD).
void check_header(const JobHeader& header);

/// Throws JobError (FIELD), naming the field, unless `items` things of `bytes` bytes end below 2^64.
void check_range(const char* field, std::uint64_t address, std::uint64_t items, std::uint64_t bytes);

/// Throws JobError (FIELD) unless what follows a family's last field is zero.
void check_zeros(const std::vector<std::uint8_t>& descriptor, std::size_t from);

/// Throws JobError (FIELD), naming the field, unless the descriptor says what the machine needs.
void check_size(const char* field, std::uint64_t stated, std::uint64_t needed);

}  // namespace lacuna::device

#include "sim/mpi/messages.h"

#include <new>
#include <optional>

#include "models/common/child_process.h"
#include "models/common/error.h"

namespace lacuna::mpi {
namespace {

enum class Failure : char { configuration, input_data, no_memory, other };

ByteWriter begin(Kind kind) {
  ByteWriter writer;
  writer.put(kind);
  return writer;
}

/// Behind the kind.
ByteReader contents(const std::string& message) {
  ByteReader reader(message);
  reader.get<Kind>();
  return reader;
}

std::string text(ByteReader& reader) {
  std::string result;
  reader.get_all(result);
  return result;
}

void put(ByteWriter& writer, const std::optional<std::string>& text) {
  writer.put(text.has_value());
  writer.put_all(text.value_or(""));
}

std::optional<std::string> optional_text(ByteReader& reader) {
  const bool is_there = reader.get<bool>();
  std::string found = text(reader);
  return is_there ? std::optional<std::string>(std::move(found)) : std::nullopt;
}

}  // namespace

Kind kind_of(const std::string& message) {
  return static_cast<Kind>(message.at(0));
}

std::string bare(Kind kind) {
  return begin(kind).take();
}

std::string encode(const cli::SweepRequest& request) {
  ByteWriter writer = begin(Kind::start);
  writer.put_all(request.file);
  writer.put(std::uint64_t{request.overrides.assignments.size()});
  for (const std::string& assignment : request.overrides.assignments) {
    writer.put_all(assignment);
  }
  put(writer, request.overrides.engine);
  put(writer, request.overrides.energy);
  writer.put(request.jobs);
  return writer.take();
}

cli::SweepRequest decode_start(const std::string& message) {
  ByteReader reader = contents(message);
  cli::SweepRequest request;
  request.file = text(reader);
  const auto assignments = reader.get<std::uint64_t>();
  for (std::uint64_t i = 0; i < assignments; ++i) {
    request.overrides.assignments.push_back(text(reader));
  }
  request.overrides.engine = optional_text(reader);
  request.overrides.energy = optional_text(reader);
  request.jobs = reader.get<unsigned>();
  return request;
}

std::string encode(const Batch& batch) {
  ByteWriter writer = begin(Kind::batch);
  writer.put_all(batch.engine);
  writer.put_all(batch.points);
  return writer.take();
}

Batch decode_batch(const std::string& message) {
  ByteReader reader = contents(message);
  Batch batch;
  batch.engine = text(reader);
  reader.get_all(batch.points);
  return batch;
}

std::string encode_loaded(const std::string& sweep_hash) {
  ByteWriter writer = begin(Kind::loaded);
  writer.put_all(sweep_hash);
  return writer.take();
}

std::string decode_loaded(const std::string& message) {
  ByteReader reader = contents(message);
  return text(reader);
}

std::string encode(const Outcomes& outcomes) {
  ByteWriter writer = begin(Kind::outcomes);
  writer.put(std::uint64_t{outcomes.size()});
  for (const auto& [point, outcome] : outcomes) {
    writer.put(point);
    writer.put_all(outcome.error);
    writer.put_all(outcome.counts);
  }
  return writer.take();
}

Outcomes decode_outcomes(const std::string& message) {
  ByteReader reader = contents(message);
  Outcomes outcomes(reader.get<std::uint64_t>());
  for (auto& [point, outcome] : outcomes) {
    point = reader.get<std::uint64_t>();
    outcome.error = text(reader);
    outcome.counts = text(reader);
  }
  return outcomes;
}

std::string encode_failure(const std::exception& error) {
  Failure failure = Failure::other;
  if (dynamic_cast<const ConfigurationError*>(&error) != nullptr) {
    failure = Failure::configuration;
  } else if (dynamic_cast<const InputDataError*>(&error) != nullptr) {
    failure = Failure::input_data;
  } else if (dynamic_cast<const std::bad_alloc*>(&error) != nullptr) {
    failure = Failure::no_memory;
  }
  ByteWriter writer = begin(Kind::failure);
  writer.put(failure);
  writer.put_all(std::string(error.what()));
  return writer.take();
}

void throw_failure(const std::string& message, const std::string& where) {
  ByteReader reader = contents(message);
  const auto failure = reader.get<Failure>();
  const std::string what = where + ": " + text(reader);
  switch (failure) {
    case Failure::configuration:
      throw ConfigurationError({}, what);
    case Failure::input_data:
      throw InputDataError({}, what);
    case Failure::no_memory:
      throw Error({}, where + ": not enough memory for this input");
    case Failure::other:
      break;
  }
  throw Error({}, what);
}

}  // namespace lacuna::mpi

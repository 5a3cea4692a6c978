#include "sim/cli/exit_codes.h"

#include <exception>
#include <iostream>
#include <new>

#include "models/common/error.h"

namespace lacuna::cli {

int fail(ExitCode code, std::string message) {
  if (code != exit_interrupted && was_interrupted()) {
    return fail(exit_interrupted, "interrupted");
  }
  for (char& c : message) {
    const auto byte = static_cast<unsigned char>(c);
    c = byte < ' ' || byte == 127 ? ' ' : c;  // names in damaged files can hold anything
  }
  std::cerr << "error: " << message << std::endl;
  return code;
}

int exit_code_of(const std::function<int()>& work) {
  try {
    return work();
  } catch (const Failure&) {
    return exit_failed;
  } catch (const Interrupted&) {
    return fail(exit_interrupted, "interrupted");
  } catch (const ConfigurationError& error) {
    return fail(exit_configuration, error.what());
  } catch (const Error& error) {
    return fail(exit_input_data, error.what());
  } catch (const std::bad_alloc&) {
    return fail(exit_input_data, "not enough memory for this input");
  } catch (const std::exception& error) {
    // No library's exception should come so far: whoever calls the library knows the file and the place.
    return fail(exit_input_data,
                std::string("unexpected: ") + error.what() + "; please report it, with the command");
  }
}

}  // namespace lacuna::cli

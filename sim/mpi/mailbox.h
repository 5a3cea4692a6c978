#pragma once

#include <list>
#include <optional>
#include <string>

#include <boost/mpi/communicator.hpp>
#include <boost/mpi/request.hpp>

namespace lacuna::mpi {

/// Messages between ranks. Nothing here waits inside MPI, whose waiting takes a whole core: whoever has
/// nothing to do sleeps (Patience) and looks again.
class Mailbox {
 public:
  explicit Mailbox(boost::mpi::communicator ranks);

  int rank() const { return ranks_.rank(); }
  int size() const { return ranks_.size(); }

  /// Hands it to MPI and returns.
  void send(int rank, std::string message);

  struct Letter {
    int rank = 0;  ///< that sent it
    std::string message;
  };
  /// What has come, if anything; of one rank in the order of sending.
  std::optional<Letter> receive();

  /// Returns when all that was sent has been received.
  void settle();

 private:
  struct Sent {
    std::string message;
    boost::mpi::request request;
  };

  void forget_received();

  boost::mpi::communicator ranks_;
  std::list<Sent> sent_;
};

}  // namespace lacuna::mpi

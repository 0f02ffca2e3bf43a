#include "tools/vipdrift/uml/run_transfer.h"

#include <utility>

#include "tools/vipdrift/uml/archive.h"

namespace vipdrift::tools {

// The fields of each struct, counted.
template <> inline constexpr std::size_t kFieldsOf<RunOrder> = 7;
template <> inline constexpr std::size_t kFieldsOf<scenarios::RunOptions> = 2;
template <> inline constexpr std::size_t kFieldsOf<scenarios::RecordingOptions> = 6;

template <> inline constexpr std::size_t kFieldsOf<config::Place> = 3;
template <> inline constexpr std::size_t kFieldsOf<scenarios::WorldError> = 3;
template <> inline constexpr std::size_t kFieldsOf<scenarios::WorldStatistics> = 3;
template <> inline constexpr std::size_t kFieldsOf<scenarios::Slice> = 2;
template <> inline constexpr std::size_t kFieldsOf<scenarios::Judgement> = 10;
template <> inline constexpr std::size_t kFieldsOf<scenarios::Verdict> = 2;

template <> inline constexpr std::size_t kFieldsOf<MacAddress> = 1;
template <> inline constexpr std::size_t kFieldsOf<scenarios::Observation> = 3;
template <> inline constexpr std::size_t kFieldsOf<scenarios::AdvertisementFields> = 8;
template <> inline constexpr std::size_t kFieldsOf<scenarios::StepDone> = 1;
template <> inline constexpr std::size_t kFieldsOf<scenarios::DaemonChanged> = 3;
template <> inline constexpr std::size_t kFieldsOf<scenarios::InstanceChanged> = 4;
template <> inline constexpr std::size_t kFieldsOf<scenarios::PriorityChanged> = 3;
template <> inline constexpr std::size_t kFieldsOf<scenarios::AddressAdded> = 2;
template <> inline constexpr std::size_t kFieldsOf<scenarios::AddressRemoved> = 2;
template <> inline constexpr std::size_t kFieldsOf<scenarios::AdvertisementSent> = 6;
template <> inline constexpr std::size_t kFieldsOf<scenarios::AnnouncementSent> = 3;
template <> inline constexpr std::size_t kFieldsOf<scenarios::AdvertisementDiscarded> = 4;
template <> inline constexpr std::size_t kFieldsOf<scenarios::NotificationRun> = 5;
template <> inline constexpr std::size_t kFieldsOf<scenarios::FifoLine> = 1;
template <> inline constexpr std::size_t kFieldsOf<scenarios::LogWritten> = 1;
template <> inline constexpr std::size_t kFieldsOf<scenarios::ScriptResult> = 3;
template <> inline constexpr std::size_t kFieldsOf<scenarios::LinkState> = 2;
template <> inline constexpr std::size_t kFieldsOf<scenarios::ProbeAnswers> = 4;
template <> inline constexpr std::size_t kFieldsOf<scenarios::NeighbourLearned> = 3;
template <> inline constexpr std::size_t kFieldsOf<scenarios::ConnectivityChanged> = 3;
template <> inline constexpr std::size_t kFieldsOf<scenarios::Url> = 4;
template <> inline constexpr std::size_t kFieldsOf<scenarios::RequestDone> = 5;
template <> inline constexpr std::size_t kFieldsOf<scenarios::ConnectionChanged> = 5;
template <> inline constexpr std::size_t kFieldsOf<ipvs::ServiceKey> = 5;
template <> inline constexpr std::size_t kFieldsOf<ipvs::ServerKey> = 2;
template <> inline constexpr std::size_t kFieldsOf<scenarios::ServiceChanged> = 2;
template <> inline constexpr std::size_t kFieldsOf<scenarios::ServerChanged> = 4;
template <> inline constexpr std::size_t kFieldsOf<scenarios::QuorumChanged> = 2;
template <> inline constexpr std::size_t kFieldsOf<scenarios::ServerNotification> = 4;
template <> inline constexpr std::size_t kFieldsOf<scenarios::MailTaken> = 1;

std::string to_bytes(const RunOrder& order) {
  ArchiveWriter out;
  out << order;
  return out.take();
}

std::string to_bytes(const scenarios::RunResult& result) {
  ArchiveWriter out;
  out << result.timeline.observations() << result.verdict << result.statistics << result.error;
  return out.take();
}

std::optional<RunOrder> order_from(std::string bytes) {
  ArchiveReader in(std::move(bytes));
  RunOrder order;
  in >> order;
  return in.at_end() ? std::optional{std::move(order)} : std::nullopt;
}

std::optional<scenarios::RunResult> result_from(std::string bytes) {
  ArchiveReader in(std::move(bytes));
  std::vector<scenarios::Observation> observations;
  scenarios::RunResult result;
  in >> observations >> result.verdict >> result.statistics >> result.error;
  if (!in.at_end()) return std::nullopt;
  for (scenarios::Observation& seen : observations) result.timeline.add(std::move(seen));
  return result;
}

}  // namespace vipdrift::tools

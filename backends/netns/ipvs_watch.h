// A director's IPVS table, read from its kernel again and again, since the kernel tells nobody of changes.
#ifndef VIPDRIFT_BACKENDS_NETNS_IPVS_WATCH_H_
#define VIPDRIFT_BACKENDS_NETNS_IPVS_WATCH_H_

#include <optional>
#include <string>

#include "backends/linux/ipvs.h"
#include "backends/netns/recorder.h"
#include "protocol/ipvs/edits.h"
#include "protocol/ipvs/table.h"

namespace vipdrift::netns {

class IpvsWatch {
 public:
  /// The thread is in the director's namespace. `recorder` outlives the watch.
  IpvsWatch(std::string director, Recorder& recorder) : director_(std::move(director)), recorder_(recorder) {}

  /// Notes what has changed since the last look.
  void look();
  /// As ipvsadm would; nothing: everything is cleared. The reason when the kernel refuses.
  std::optional<std::string> edit(const std::optional<ipvs::Edit>& edit);
  /// The machine loses power: its table is gone.
  void forget();

 private:
  void note_service(const ipvs::ServiceKey& key, const ipvs::Service& before, const ipvs::Service& after);

  std::string director_;
  Recorder& recorder_;
  linux_backend::Ipvs kernel_;
  ipvs::Table known_;
};

}  // namespace vipdrift::netns

#endif  // VIPDRIFT_BACKENDS_NETNS_IPVS_WATCH_H_

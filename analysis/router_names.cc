#include "analysis/router_names.h"

#include <utility>
#include <vector>

#include "analysis/words.h"

namespace vipdrift::analysis {

std::string addresses_text(std::span<const Director> directors, const VirtualRouterSeats& router) {
  const config::VrrpInstance& first = instance_of(directors, router.seats.front());
  std::vector<std::string> addresses;
  for (const config::VirtualAddress& address : first.virtual_addresses) {
    addresses.push_back(address.address.to_string());
  }
  return addresses.empty() ? first.name : short_list_text(std::move(addresses));
}

std::string router_text(std::span<const Director> directors, const VirtualRouterSeats& router, std::size_t likes) {
  return instance_of(directors, router.seats.front()).name + " (" + addresses_text(directors, router) + ")" +
         (likes == 0 ? "" : " and " + std::to_string(likes) + " like it");
}

}  // namespace vipdrift::analysis

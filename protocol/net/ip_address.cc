#include "protocol/net/ip_address.h"

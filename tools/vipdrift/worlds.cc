#include "tools/vipdrift/worlds.h"

namespace vipdrift::tools {}
